// Volatile fields: values that differ from one run to the next on purpose, such as the name of a host, and that are left
// out when a replay is compared.

import { refuse } from '@holdfast/kernel'

/** Which fields are not compared. */
export class Volatile {
  /** Fields by what they are a field of: a message type, `answer`, `state`, or `*` for all messages and answers. */
  readonly #fields = new Map<string, (readonly string[])[]>()

  /** @throws {HoldfastError} `HF_INVALID` for a rule that is not of the form `<message type>.<field>` */
  constructor(rules: readonly string[] = []) {
    const isList = Array.isArray(rules) && rules.every((rule) => typeof rule === 'string')
    if (!isList) refuse('volatile', rules, 'a list of texts such as "paid.at"')
    for (const rule of rules as readonly string[]) {
      const dot = rule.indexOf('.')
      if (dot < 1 || dot === rule.length - 1)
        refuse('volatile', rule, 'a text such as "paid.at" or "state.seenAt"')
      const of = rule.slice(0, dot)
      this.#fields.set(of, [...(this.#fields.get(of) ?? []), rule.slice(dot + 1).split('.')])
    }
  }

  /** Whether fields of states are volatile: then their digests say nothing. */
  get hasState(): boolean {
    return this.#fields.has('state')
  }

  /** A value without its volatile fields; the value itself when it has none. */
  without(of: string, value: unknown): unknown {
    if (this.#fields.size === 0 || typeof value !== 'object' || value === null) return value
    const fields = [...(this.#fields.get(of) ?? []), ...(of === 'state' ? [] : (this.#fields.get('*') ?? []))]
    return fields.reduce<unknown>(removed, value)
  }
}

function removed(value: unknown, [field, ...rest]: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || field === undefined) return value
  if (Array.isArray(value)) return value.map((each) => removed(each, [field, ...rest]))
  if (!Object.hasOwn(value, field)) return value
  const { [field]: found, ...others } = value as Record<string, unknown>
  return rest.length === 0 ? others : { ...others, [field]: removed(found, rest) }
}
