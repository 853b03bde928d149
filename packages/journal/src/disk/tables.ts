// The tables of a store in its LMDB environment, and the one way in which they are written.

import { dirname } from 'node:path'
import { open, type Database, type RootDatabase } from 'lmdb'
import { diskFull } from '../store-failure.js'
import { noData } from './data-directory.js'
import { Room } from './room.js'

/** Address space set aside for the map; it costs nothing until it is used, and avoids remaps. */
export const MAP_BYTES = 64 * 2 ** 30

/** Reader slots, shared by all processes that read. */
const READERS_MAX = 512

/** The tables of one environment. */
export interface Tables {
  readonly root: RootDatabase<Buffer, string>
  readonly log: Database<Buffer, number>
  readonly index: Database<Buffer, [string, number]>
  readonly pages: Database<Buffer, [string, number, number]>
  readonly names: Database<Buffer, string>
  readonly snapshots: Database<Buffer, [number, number]>
  readonly meta: Database<Buffer, string>
}

/**
 * Opens the environment in a file.
 *
 * @throws {HoldfastError} `HF_STORE_MISSING` when it is only to be read and has not all of the tables: whoever was making
 *   it did not come to the end
 * @throws whatever LMDB throws
 */
export function openTables(file: string, readOnly: boolean, mapBytes = MAP_BYTES): Tables {
  const root = open<Buffer, string>({
    path: file,
    encoding: 'binary',
    overlappingSync: false,
    // What lmdb-js gathers by itself has a promise that nobody gets: a failed commit would end the process.
    eventTurnBatching: false,
    readOnly,
    mapSize: mapBytes,
    maxReaders: READERS_MAX,
    maxDbs: 8,
  })
  const table = <K extends string | number | (string | number)[]>(name: string): Database<Buffer, K> => {
    return root.openDB<Buffer, K>({ name, encoding: 'binary' })
  }
  const tables: Tables = {
    root,
    log: table<number>('log'),
    index: table<[string, number]>('index'),
    pages: table<[string, number, number]>('index pages'),
    names: table<string>('names'),
    snapshots: table<[number, number]>('snapshots'),
    meta: table<string>('meta'),
  }
  // Who only reads makes no table, and is given none.
  const given: readonly (object | undefined)[] = Object.values(tables)
  if (given.every((each) => each !== undefined)) return tables
  void root.close()
  throw noData(dirname(file))
}

/**
 * Writes in one transaction. A commit that LMDB begins and cannot end for want of room costs more than an error, so the
 * room is looked at first. LMDB itself takes a write that came too short for an error of the disk.
 *
 * @param dir where the file is
 * @param bytes what is written, about
 * @throws {HoldfastError} `HF_STORE_FULL`
 */
export async function writeTables(
  { root }: Tables,
  dir: string,
  room: Room,
  bytes: number,
  step: () => void,
): Promise<void> {
  if (!room.has(2 * bytes)) throw diskFull()
  try {
    await root.batch(step).catch(rootCause)
  } catch (error) {
    throw new Room(dir).has(2 * bytes) ? error : diskFull(error)
  }
}

// lmdb-js rejects with a general error whose cause is a promise of its own, which ends the process when nobody looks.
async function rootCause(error: unknown): Promise<never> {
  const cause = (error as { readonly commitError?: unknown } | null)?.commitError
  if (cause === undefined) throw error
  throw await Promise.resolve(cause).then(
    () => error,
    (real: unknown) => real,
  )
}
