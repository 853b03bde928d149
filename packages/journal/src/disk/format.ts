// In which format a store is written stands in its table about itself: a version that does not know it reads nothing.

import { HoldfastError } from '@holdfast/kernel'
import type { Database } from 'lmdb'
import { FORMAT } from '../batch-format.js'
import { uint32 } from './numbers.js'

const KEY = 'format'

type Meta = Pick<Database<Buffer, string>, 'getBinary' | 'putSync'>

/** Refuses a store of a later format. @throws {HoldfastError} `HF_STORE_NEWER` */
export function checkFormat(dir: string, meta: Meta, ofLastBatch = FORMAT): void {
  const stored = meta.getBinary(KEY)?.readUInt32LE(0) ?? FORMAT
  const found = Math.max(stored, ofLastBatch)
  if (found <= FORMAT) return
  throw new HoldfastError(
    'HF_STORE_NEWER',
    `${dir} has format ${found}, and this version reads up to ${FORMAT}.`,
    {
      field: 'data',
      hint: 'Use the version of Holdfast that wrote it, or a later one. Nothing was changed.',
    },
  )
}

/** Notes the format of this version. Call it inside a write. */
export function noteFormat(meta: Meta): void {
  meta.putSync(KEY, uint32(FORMAT))
}
