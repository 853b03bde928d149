// Groups of the index as rows, and the sizes of what a commit brings.

import type { IndexGroup } from '../store.js'
import type { Tables } from './tables.js'

/** Puts groups in the place of those with the same first positions. Call it inside a write. */
export function putGroups({ index, pages }: Tables, groups: readonly IndexGroup[]): void {
  for (const { kind, first, head, pages: bytes } of groups) {
    void index.put([kind, first], asBuffer(head))
    for (const [i, page] of bytes.entries()) void pages.put([kind, first, i], asBuffer(page))
  }
}

/** Bytes of batches, or of snapshots. */
export function sizeOf(parts: readonly { readonly bytes: Uint8Array }[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
}

/** Bytes of groups. */
export function bytesOf(groups: readonly IndexGroup[]): number {
  const sizes = groups.map(({ head, pages }) =>
    pages.reduce((sum, page) => sum + page.byteLength, head.byteLength),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Bytes as LMDB takes them. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
