// Checking codec
// ==============
// For whoever goes through a log to see whether it can be read: a plain value is looked through where it lies and not made,
// which would be most of the work. Whatever is not plain is made, so that nothing passes that could not be.

import { Codec } from './codec.js'
import { DEPTH_MAX } from './limits.js'

/** A codec that checks values, and makes them only when it is told to. */
export class CheckingCodec extends Codec {
  /** Whether values are made. @default false */
  isMaking = false

  override unpack(source: Uint8Array, start: number, end: number): unknown {
    if (!this.isMaking && isPlainPack(source, start, end)) return undefined
    return super.unpack(source, start, end)
  }
}

/** Values that are still to come at each level, and whether every second of them is the name of the next. */
const open = new Float64Array(DEPTH_MAX + 3)
const isMap = new Uint8Array(DEPTH_MAX + 3)

/** Whether bytes are one msgpack value of plain data, to the last byte, no deeper than a value may be. */
export function isPlainPack(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  let depth = 0
  open[0] = 1
  for (;;) {
    while (open[depth] === 0) {
      if (depth === 0) return at === end
      depth--
    }
    if (at >= end) return false
    const head = bytes[at]!
    if (isMap[depth] === 1 && open[depth]! % 2 === 0 && !isText(head)) return false
    open[depth]!--
    const items = itemsOf(bytes, at, head)
    at += sizeOf(bytes, at, head)
    if (at > end) return false
    if (items === 0) continue
    // Each item takes a byte at least.
    if (items > end - at || depth > DEPTH_MAX) return false
    open[++depth] = items
    isMap[depth] = isMapHead(head) ? 1 : 0
  }
}

function isText(head: number): boolean {
  return (head >= 0xa0 && head < 0xc0) || (head >= 0xd9 && head <= 0xdb)
}

function isMapHead(head: number): boolean {
  return (head >= 0x80 && head < 0x90) || head === 0xde || head === 0xdf
}

/** Values inside of a value. */
function itemsOf(bytes: Uint8Array, at: number, head: number): number {
  if (head < 0x80 || head >= 0xe0) return 0
  if (head < 0x90) return 2 * (head & 15)
  if (head < 0xa0) return head & 15
  if (head < 0xdc) return 0
  if (head === 0xdc) return unsigned(bytes, at + 1, 2)
  if (head === 0xdd) return unsigned(bytes, at + 1, 4)
  if (head === 0xde) return 2 * unsigned(bytes, at + 1, 2)
  return 2 * unsigned(bytes, at + 1, 4)
}

/** Bytes of a value without those inside of it; more than there can be when it is not plain. */
function sizeOf(bytes: Uint8Array, at: number, head: number): number {
  if (head < 0xa0 || head >= 0xe0) return 1
  if (head < 0xc0) return 1 + (head & 31)
  switch (head) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return 1
    case 0xc4:
    case 0xd9:
      return 2 + unsigned(bytes, at + 1, 1)
    case 0xc5:
    case 0xda:
      return 3 + unsigned(bytes, at + 1, 2)
    case 0xc6:
    case 0xdb:
      return 5 + unsigned(bytes, at + 1, 4)
    case 0xcc:
    case 0xd0:
      return 2
    case 0xcd:
    case 0xd1:
    case 0xdc:
    case 0xde:
      return 3
    case 0xca:
    case 0xce:
    case 0xd2:
    case 0xdd:
    case 0xdf:
      return 5
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return 9
    // Nothing at all, and a date of seconds or of nanoseconds.
    case 0xd4:
      return bytes[at + 1] === 0 && bytes[at + 2] === 0 ? 3 : NOT_PLAIN
    case 0xd6:
      return bytes[at + 1] === DATE ? 6 : NOT_PLAIN
    case 0xd7:
      return bytes[at + 1] === DATE ? 10 : NOT_PLAIN
    default:
      return NOT_PLAIN
  }
}

const DATE = 0xff
const NOT_PLAIN = Infinity

// What lies behind the end reads as nothing, and the size says that it ends too early.
function unsigned(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let i = 0; i < length; i++) value = value * 256 + (bytes[at + i] ?? 0)
  return value
}
