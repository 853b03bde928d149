// The snapshots of a file as bytes: a count, then for each actor, position, version, turns, time, digest, and the packed
// state.

import type { Snapshot } from '@holdfast/kernel'
import type { Codec } from '@holdfast/journal'
import { FILE_SNAPSHOTS_MAX } from '../limits.js'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { sound } from './damaged.js'

/** A snapshot whose state stays packed until somebody asks. */
export interface FileSnapshot extends Omit<Snapshot, 'state'> {
  readonly packed: Uint8Array
}

/** Writes snapshots. */
export function writeSnapshots(writer: ByteWriter, snapshots: readonly FileSnapshot[]): void {
  writer.varint(snapshots.length)
  for (const { actor, position, version, turns, timeMs, digest, packed } of snapshots) {
    writer.varint(actor)
    writer.varint(position)
    writer.varint(version)
    writer.varint(turns)
    writer.float(timeMs)
    writer.varint(digest)
    writer.block(packed)
  }
}

/** Reads snapshots. @throws {HoldfastError} `HF_FILE_DAMAGED` */
export function readSnapshots(reader: ByteReader): FileSnapshot[] {
  const count = reader.count(FILE_SNAPSHOTS_MAX, 'snapshots')
  return Array.from({ length: count }, () => {
    const actor = reader.varint()
    const position = reader.varint()
    const version = reader.varint()
    const turns = reader.varint()
    const timeMs = reader.float()
    sound(Math.abs(timeMs) <= 8.64e15, 'a time is none')
    const digest = reader.varint()
    return { actor, position, version, turns, timeMs, digest, packed: reader.block() }
  })
}

/** A snapshot with its state, a copy of its own. */
export function unpacked(snapshot: FileSnapshot, codec: Codec): Snapshot & { packed(): Uint8Array } {
  const { packed, ...head } = snapshot
  const state = packed.byteLength === 0 ? undefined : codec.unpack(packed, 0, packed.byteLength)
  return { ...head, state, packed: () => packed }
}
