// Properties of the process that are replaced for a while. What is put back is what was there, and only where nobody has
// put something else on top meanwhile, as the fake timers of a test do: their own way back leads through ours.

type Fn = (...args: never[]) => unknown

interface Patch {
  readonly holder: object
  readonly key: PropertyKey
  /** `undefined` when the property was inherited. */
  readonly before: PropertyDescriptor | undefined
  readonly ours: PropertyDescriptor
}

/** A set of replaced properties. */
export class Patches {
  #patches: Patch[] = []

  /** Replaces a property by what `wrap` makes of it. One that is not there, or cannot be replaced, stays as it is. */
  wrap(holder: unknown, key: PropertyKey, wrap: (original: Fn) => unknown): void {
    if ((typeof holder !== 'object' && typeof holder !== 'function') || holder === null) return
    const before = Object.getOwnPropertyDescriptor(holder, key)
    if (before?.configurable === false && before.writable !== true) return
    const ours = before?.get === undefined ? valueOf(holder, key, before, wrap) : getterOf(before, wrap)
    if (ours === undefined) return
    Object.defineProperty(holder, key, ours)
    this.#patches.push({ holder, key, before, ours })
  }

  /** Whether anything is replaced. */
  get isSet(): boolean {
    return this.#patches.length > 0
  }

  /** Whether a property is replaced by this set. */
  has(holder: object, key: PropertyKey): boolean {
    return this.#patches.some((patch) => patch.holder === holder && patch.key === key)
  }

  /** Puts everything back, the last one first. */
  restore(): void {
    for (const { holder, key, before, ours } of this.#patches.splice(0).reverse()) {
      const now = Object.getOwnPropertyDescriptor(holder, key)
      if (now === undefined || now.get !== ours.get || now.value !== ours.value) continue
      if (before === undefined) Reflect.deleteProperty(holder, key)
      else Object.defineProperty(holder, key, before)
    }
  }
}

function valueOf(
  holder: object,
  key: PropertyKey,
  before: PropertyDescriptor | undefined,
  wrap: (original: Fn) => unknown,
): PropertyDescriptor | undefined {
  const original: unknown = Reflect.get(holder, key)
  if (typeof original !== 'function') return undefined
  const { configurable = true, enumerable = false, writable = true } = before ?? {}
  return { configurable, enumerable, writable, value: wrap(original as Fn) }
}

// Some globals are made when they are first read, and reading them here would load what nobody needs.
function getterOf(before: PropertyDescriptor, wrap: (original: Fn) => unknown): PropertyDescriptor {
  const made = new Map<unknown, unknown>()
  const get = function (this: unknown): unknown {
    const original: unknown = before.get!.call(this)
    if (typeof original !== 'function') return original
    if (!made.has(original)) made.set(original, wrap(original as Fn))
    return made.get(original)
  }
  const set = function (this: unknown, value: unknown): void {
    before.set?.call(this, value)
  }
  return { configurable: true, enumerable: before.enumerable ?? false, get, set }
}
