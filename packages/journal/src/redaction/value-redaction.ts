// Value redaction
// ===============
// Goes through a value and replaces what must not be stored: in texts and bytes, in the names of fields and the keys of
// maps, in errors, and whole fields whose name says that they hold a credential. The value is one that was stored and read
// again, so that it is plain data, belongs to nobody else, and is what will be stored.
//
// Invariants
//   W1  A value in which there is nothing to replace is given back itself.
//   W2  What is redacted once more stays as it is.

import { HoldfastError, holdsSecret, isPlaceholder, REF } from '@holdfast/kernel'
import type { Found } from './text-finder.js'

/** What a walk asks of the rules. */
export interface ValueRules {
  /** All that stands in a text. */
  find(text: string, isBytes: boolean): readonly Found[]
  /** What stands in the place of something. */
  placeholder(kind: string, of: string): string
  /** Whether what stands under a name is a credential, whatever it is. */
  isField(name: string): boolean
}

/** Tokens of one kind end where those of another go on, and there are few kinds. */
const ROUNDS_MAX = 16

/** One walk through a value. */
export class ValueRedaction {
  readonly #rules: ValueRules
  /** Where the first thing was found. */
  place: readonly string[] | undefined
  readonly #path: string[] = []

  constructor(rules: ValueRules) {
    this.#rules = rules
  }

  /** The value without what must not be stored. */
  of(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    return typeof value === 'object' && value !== null ? this.#object(value) : value
  }

  /** A text without it. */
  text(text: string): string {
    return this.#replace(text, false)
  }

  // What stood right behind something that was replaced may now be seen to be a token of its own (W2).
  #replace(text: string, isBytes: boolean): string {
    let open = text
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const found = this.#rules.find(open, isBytes)
      if (found.length === 0) return open
      this.#note()
      open = this.#replaced(open, found)
    }
    throw new HoldfastError(
      'HF_NOT_REDACTED',
      'A text still holds something after it was replaced again and again.',
    )
  }

  #replaced(text: string, found: readonly Found[]): string {
    const parts: string[] = []
    let at = 0
    for (const { kind, of, span } of found) {
      parts.push(text.slice(at, span.start), this.#rules.placeholder(kind, of))
      at = span.end
    }
    parts.push(text.slice(at))
    return parts.join('')
  }

  #note(): void {
    this.place ??= [...this.#path]
  }

  #object(value: object): unknown {
    if (REF in value) return this.#ref(value as { readonly [REF]: string })
    if (Array.isArray(value)) return this.#list(value as unknown[])
    if (value instanceof Map) return this.#map(value as Map<unknown, unknown>)
    if (value instanceof Set) return this.#set(value as Set<unknown>)
    if (value instanceof Error) return this.#error(value)
    if (ArrayBuffer.isView(value)) return this.#bytes(value)
    const prototype = Object.getPrototypeOf(value) as unknown
    return prototype === Object.prototype || prototype === null
      ? this.#fields(value as Record<string, unknown>)
      : value
  }

  // Who a ref leads to is looked up by its path.
  #ref(ref: { readonly [REF]: string }): unknown {
    if (this.#rules.find(ref[REF], false).length === 0) return ref
    throw holdsSecret('The path of a ref', 'A path is looked up, and cannot be replaced')
  }

  #list(list: unknown[]): unknown {
    let changed: unknown[] | null = null
    list.forEach((item, i) => {
      const open = isEntry(item) ? this.#at(String(i), () => this.#entry(item)) : this.#inner(String(i), item)
      if (open !== item) (changed ??= [...list])[i] = open
    })
    return changed ?? list
  }

  // A header, as fetch lists them: its name and its value.
  #entry([name, value]: readonly [string, unknown]): unknown {
    const [openName, openValue] = [this.text(name), this.#field(name, value)]
    return openName === name && openValue === value ? [name, value] : [openName, openValue]
  }

  #map(map: Map<unknown, unknown>): unknown {
    const entries = [...map].map(([key, value]): [unknown, unknown] => {
      const name = typeof key === 'string' ? key : ''
      return [this.#at('(key)', () => this.of(key)), this.#field(name, value)]
    })
    if (entries.every(([key, value]) => map.has(key) && map.get(key) === value)) return map
    const open = new Map(entries)
    if (open.size < map.size) throw sameNames()
    return open
  }

  #set(set: Set<unknown>): unknown {
    const items = [...set].map((item, i) => this.#inner(String(i), item))
    if (items.every((item) => set.has(item))) return set
    return new Set(items)
  }

  #fields(value: Record<string, unknown>): unknown {
    const names = Object.keys(value)
    const entries = names.map((name): [string, unknown] => [this.text(name), this.#field(name, value[name])])
    if (entries.every(([name, field], i) => name === names[i] && field === value[name])) return value
    const open: Record<string, unknown> = {}
    for (const [name, field] of entries) {
      if (Object.hasOwn(open, name)) throw sameNames()
      put(open, name, field, true)
    }
    return open
  }

  #error(error: Error): unknown {
    for (const name of ['name', 'message', 'stack', 'cause', ...Object.keys(error)]) {
      const before = (error as unknown as Record<string, unknown>)[name]
      if (before === undefined) continue
      const after = this.#field(name, before)
      const enumerable = Object.getOwnPropertyDescriptor(error, name)?.enumerable ?? false
      if (after !== before) put(error, name, after, enumerable)
    }
    for (const name of Object.keys(error)) {
      const open = this.text(name)
      if (open === name) continue
      put(error, open, (error as unknown as Record<string, unknown>)[name], true)
      delete (error as unknown as Record<string, unknown>)[name]
    }
    return error
  }

  // Numbers of more than a byte cannot make room for a placeholder: they become zeros.
  #bytes(view: ArrayBufferView): unknown {
    const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength)
    const text = bytes.toString('latin1')
    const open = this.#replace(text, true)
    if (open === text) return view
    if (Buffer.isBuffer(view)) return Buffer.from(open, 'latin1')
    if (view instanceof Uint8Array) return new Uint8Array(Buffer.from(open, 'latin1'))
    return new (view.constructor as new (buffer: ArrayBuffer) => unknown)(new ArrayBuffer(view.byteLength))
  }

  /** What stands under a name: a credential whatever it is, or something to look into. */
  #field(name: string, value: unknown): unknown {
    return this.#at(name, () => (this.#rules.isField(name) ? this.#credential(value) : this.of(value)))
  }

  #credential(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        if (value === '' || isPlaceholder(value)) return value
        this.#note()
        return this.#rules.placeholder('field', value)
      case 'number':
      case 'bigint':
        this.#note()
        return this.#rules.placeholder('field', String(value))
      case 'object':
        return value === null ? value : this.#credentials(value)
      default:
        return value
    }
  }

  // A list of cookies, or a credential in parts.
  #credentials(value: object): unknown {
    if (Array.isArray(value)) {
      const open = value.map((item, i) => this.#at(String(i), () => this.#credential(item)))
      return open.every((item, i) => item === value[i]) ? value : open
    }
    if (REF in value) return this.#ref(value as { readonly [REF]: string })
    const bytes = bytesOf(value)
    if (bytes === undefined) {
      const text = isPlain(value) ? this.#credentialFields(value) : JSON.stringify(value)
      if (typeof text !== 'string') return text
      this.#note()
      return this.#rules.placeholder('field', text)
    }
    if (bytes.byteLength === 0 || isPlaceholder(bytes.toString('latin1'))) return value
    this.#note()
    return Buffer.from(this.#rules.placeholder('field', bytes.toString('latin1')))
  }

  #credentialFields(value: Record<string, unknown>): unknown {
    const names = Object.keys(value)
    const open = names.map((name) => this.#at(name, () => this.#credential(value[name])))
    const whole = this.#fields(Object.fromEntries(names.map((name, i) => [name, open[i]])))
    const isSame = open.every((field, i) => field === value[names[i]!])
    return isSame && Object.keys(whole as object).every((name, i) => name === names[i]) ? value : whole
  }

  #inner(name: string, value: unknown): unknown {
    return this.#at(name, () => this.of(value))
  }

  #at<T>(name: string, step: () => T): T {
    this.#path.push(name)
    const result = step()
    this.#path.pop()
    return result
  }
}

function isEntry(item: unknown): item is readonly [string, unknown] {
  return Array.isArray(item) && item.length === 2 && typeof item[0] === 'string'
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value) as unknown
  return prototype === Object.prototype || prototype === null
}

function bytesOf(value: object): Buffer | undefined {
  if (!ArrayBuffer.isView(value)) return undefined
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

// A field of the name "__proto__" can only be defined, never assigned.
function put(value: object, name: string, field: unknown, enumerable: boolean): void {
  Object.defineProperty(value, name, { value: field, enumerable, writable: true, configurable: true })
}

function sameNames(): HoldfastError {
  return new HoldfastError('HF_NOT_REDACTED', 'Two names of one object would become the same.', {
    field: 'payload',
    hint: 'Put what is secret into values and not into names, or better into neither.',
  })
}
