// Looks at every record and snapshot of a file when it is opened: after that, what reads it meets nothing that could not
// stand in a log.

import type { LogRecord } from '@holdfast/kernel'
import type { Codec } from '@holdfast/journal'
import { damaged, sound } from './damaged.js'
import { isShaped } from './record-shapes.js'
import { unpacked, type FileSnapshot } from './snapshot-section.js'

/** Levels of a path at the most, as when actors are born. */
const PATH_DEPTH_MAX = 4_096

/** @throws {HoldfastError} `HF_FILE_DAMAGED` */
export function checkRecords(
  records: readonly LogRecord[],
  snapshots: readonly FileSnapshot[],
  codec: Codec,
): void {
  const births = new Map<number, { readonly position: number; readonly parent: number }>()
  try {
    for (const record of records) checkRecord(record, codec, births)
    for (const snapshot of snapshots) checkValue(unpacked(snapshot, codec).state, codec)
  } catch (error) {
    throw damaged('a value in it is none', error)
  }
  checkTree(births)
}

function checkRecord(
  record: LogRecord,
  codec: Codec,
  births: Map<number, { readonly position: number; readonly parent: number }>,
): void {
  const { kind, position, actor, cause } = record
  sound(cause < position, 'a record causes itself')
  if (kind === 'message') checkValue(record.payload(), codec)
  else if (kind === 'turn') checkValue(record.answer(), codec)
  else {
    const data: unknown = record.data()
    sound(isShaped(kind, data), `the record at ${position} does not carry what its kind does`)
    checkValue(data, codec)
  }
  if (kind === 'spawned' && !births.has(actor)) births.set(actor, { position, parent: record.data().parent })
}

// What can be packed is not too deep, not too large, and of kinds that a log keeps.
function checkValue(value: unknown, codec: Codec): void {
  if (value !== undefined) codec.pack(value)
}

// Actors are numbered in the order of their births, so that a path has an end.
function checkTree(births: ReadonlyMap<number, { readonly parent: number }>): void {
  const depths = new Map<number, number>()
  for (const [actor, { parent }] of [...births].sort(([a], [b]) => a - b)) {
    sound(parent < actor, 'an actor is older than its parent')
    const depth = (depths.get(parent) ?? 0) + 1
    sound(depth <= PATH_DEPTH_MAX, 'a path is too deep')
    depths.set(actor, depth)
  }
}
