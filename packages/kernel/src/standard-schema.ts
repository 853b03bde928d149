// The part of the Standard Schema interface (standardschema.dev, version 1) that Holdfast calls. Any library that
// implements it fits: zod, valibot, arktype and others. Types only; nothing is imported at run time.

/** A schema of any library that implements Standard Schema, version 1. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What validation answers. */
type SchemaResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] }

/** One complaint of a schema. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The type that a schema makes. */
export type SchemaOutput<T> = T extends { readonly '~standard': { readonly types?: infer U } }
  ? NonNullable<U> extends { readonly output: infer O }
    ? O
    : unknown
  : never
