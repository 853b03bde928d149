import { SealedValue } from '@holdfast/kernel'

/** Whether two stored values are the same; the order of an object's keys does not count. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  // Of what was shredded nobody can say that it was another.
  if (a instanceof SealedValue || b instanceof SealedValue) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  if (Array.isArray(a))
    return a.length === (b as unknown[]).length && a.every((each, i) => isEqual(each, (b as unknown[])[i]))
  if (ArrayBuffer.isView(a)) return areBytesEqual(a, b as ArrayBufferView)
  if (a instanceof Map || a instanceof Set) return isEqual([...a], [...(b as Iterable<unknown>)])
  if (Object.prototype.toString.call(a) === '[object Date]') return Object.is(Number(a), Number(b))
  if (a instanceof Error && a.message !== (b as Error).message) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) &&
      isEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  )
}

function areBytesEqual(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const left = new Uint8Array(a.buffer, a.byteOffset, a.byteLength)
  const right = new Uint8Array(b.buffer, b.byteOffset, b.byteLength)
  return left.length === right.length && left.every((byte, i) => byte === right[i])
}
