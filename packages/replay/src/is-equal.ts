import { isLikeRecorded, isPlaceholder, placeholdersIn, SealedValue } from '@holdfast/kernel'

/** Whether two stored values are the same; the order of an object's keys does not count. */
export function isEqual(a: unknown, b: unknown): boolean {
  return equals(a, b, false)
}

/**
 * Whether a value is the one that was recorded. What was redacted before it was recorded is not known: there, anything is
 * the same.
 */
export function isRecorded(recorded: unknown, value: unknown): boolean {
  return equals(recorded, value, true)
}

function equals(a: unknown, b: unknown, isLoose: boolean): boolean {
  if (Object.is(a, b)) return true
  // Of what was shredded nobody can say that it was another.
  if (a instanceof SealedValue || b instanceof SealedValue) return true
  if (isLoose && typeof a === 'string') return isSameText(a, b)
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  if (Array.isArray(a)) {
    const others = b as unknown[]
    return a.length === others.length && a.every((each, i) => equals(each, others[i], isLoose))
  }
  if (ArrayBuffer.isView(a)) return areBytesEqual(a, b as ArrayBufferView, isLoose)
  if (a instanceof Map || a instanceof Set) return equals([...a], [...(b as Iterable<unknown>)], isLoose)
  if (Object.prototype.toString.call(a) === '[object Date]') return Object.is(Number(a), Number(b))
  if (a instanceof Error && !equals(a.message, (b as Error).message, isLoose)) return false
  return areFieldsEqual(a as Record<string, unknown>, b as Record<string, unknown>, isLoose)
}

function areFieldsEqual(a: Record<string, unknown>, b: Record<string, unknown>, isLoose: boolean): boolean {
  const keys = Object.keys(a)
  const others = Object.keys(b)
  if (keys.length !== others.length) return false
  return keys.every((key, i) => {
    if (Object.hasOwn(b, key)) return equals(a[key], b[key], isLoose)
    // The name of a field that was redacted has kept its place.
    const other = others[i]!
    return (
      isLoose && placeholdersIn(key).length > 0 && isSameText(key, other) && equals(a[key], b[other], true)
    )
  })
}

// A credential of whatever kind leaves a text behind.
function isSameText(recorded: string, value: unknown): boolean {
  return typeof value === 'string' ? isLikeRecorded(recorded, value) : isPlaceholder(recorded)
}

function areBytesEqual(a: ArrayBufferView, b: ArrayBufferView, isLoose: boolean): boolean {
  const left = Buffer.from(a.buffer, a.byteOffset, a.byteLength)
  const right = Buffer.from(b.buffer, b.byteOffset, b.byteLength)
  if (left.equals(right)) return true
  return isLoose && isLikeRecorded(left.toString('latin1'), right.toString('latin1'))
}
