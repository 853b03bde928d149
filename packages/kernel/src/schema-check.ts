import { HoldfastError } from './errors.js'
import type { SchemaIssue, StandardSchema } from './standard-schema.js'

/**
 * Checks what comes from outside against the schema of its message type.
 *
 * @throws {HoldfastError} `HF_INVALID` with the path of the first complaint as its field
 */
export function checkSchema(schema: StandardSchema, payload: unknown, actor: string, type: string): unknown {
  const result = schema['~standard'].validate(payload)
  if (result instanceof Promise) {
    result.catch(() => undefined)
    throw new HoldfastError(
      'HF_INVALID',
      `The schema of "${type}" answers later; messages are checked at once.`,
      {
        actor,
        field: `messages.${type}`,
        hint: 'Use a schema without asynchronous checks; do those in the handler with ctx.effect.',
      },
    )
  }
  if (result.issues === undefined) return result.value
  const first = result.issues[0]
  const field = [type, ...pathOf(first)].join('.')
  throw new HoldfastError('HF_INVALID', `${field}: ${first?.message ?? 'not valid'}`, {
    actor,
    field,
    hint: `${result.issues.length} complaint(s); the schema stands under messages.${type} of the definition.`,
  })
}

function pathOf(issue: SchemaIssue | undefined): string[] {
  return (issue?.path ?? []).map((key) => String(typeof key === 'object' ? key.key : key))
}
