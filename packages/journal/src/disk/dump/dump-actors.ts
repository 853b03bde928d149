import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import {
  carryActors,
  machineAuthorities,
  refuse,
  type CarriedActors,
  type Definition,
} from '@holdfast/kernel'
import { Breath } from '../breath.js'
import { flushNames } from '../data-directory.js'
import { LmdbStore } from '../lmdb-store.js'
import type { KeySource } from '../sealing/key-ring.js'
import type { Journal } from '../../journal.js'
import { journalOn } from '../../open-journal.js'
import type { RedactOptions } from '../../redaction/redact-options.js'
import { ACTORS_SCHEMA, carriedFailure, carriedMessage } from './actors-entry.js'
import { exists, lastWhole, unwritable } from './dump.js'
import { DumpWriter, type DumpForm } from './dump-file.js'

/** The code that wrote a log: a swarm as its file exports it, or a root and further definitions. */
export interface DumpedSwarm {
  readonly root: Definition
  readonly definitions?: readonly Definition[] | undefined
  /** What must not be stored: a state that holds any of it is refused. */
  readonly redact?: RedactOptions | undefined
}

/** Which actors are taken out, and where to. */
export interface DumpActorsOptions {
  /** The data directory. It is only read, and may be that of a running system, of this process or another. */
  readonly data: string
  /** Paths of the actors. Those below them come along, and those above them without whom they would have no place. */
  readonly actors: readonly string[]
  /** The code that wrote the log: states are made with it. A function is called when the data are open. */
  readonly swarm: DumpedSwarm | (() => Promise<DumpedSwarm>)
  /** The file that is made. */
  readonly file: string
  /** The position at which they are taken out. @default the end of what is stored when it begins */
  readonly at?: number
  /** The keys of an encrypted data directory. What is taken out is in the open. */
  readonly keys?: KeySource
  /** `frames`: the quick and small form. `lines`: a JSON object a line, for other programs. @default 'frames' */
  readonly form?: DumpForm
  /** Puts it in the place of a file that is there. @default false */
  readonly force?: boolean
  /** The time that the file says, in milliseconds since 1970. @default now */
  readonly nowMs?: number
}

/** What was taken out. */
export interface DumpActorsReport {
  /** The position: that of the turn before, when the one that was asked for lies within a turn. */
  readonly position: number
  /** Id of the store, in hex. */
  readonly store: string
  /** Paths of all who come along, those above and below the ones that were named among them. */
  readonly actors: readonly string[]
  /** Messages that wait for them, were put aside or are parked, and what belongs to those. */
  readonly records: number
  readonly states: number
  /** Paths of actors that are referred to and stay: at most 10,000 of them. What is sent to them will reach nobody. */
  readonly leftBehind: readonly string[]
  /** How many there are of them. */
  readonly leftBehindCount: number
}

/**
 * Takes a few actors out of a system, as they are at one position, into one file that does not depend on a store or a machine:
 * who they are, their states, and what waits for them. `load` makes a data directory of it, in which they go on as they would
 * have gone on here. States are made by running the turns of the log again, and proved. The file is in the open, and is
 * there whole or not at all.
 *
 * Use it when some actors are to live elsewhere from now on, or a copy of them is to be looked at; `dump` takes a whole system.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_NO_SUCH_ACTOR`, `HF_NOT_PORTABLE`, `HF_DEFINITION_MISSING`, `HF_DIVERGED`,
 *   `HF_HOLDS_SECRET`, `HF_FILE_EXISTS`, `HF_KEY`, `HF_STORE_MISSING`, `HF_STORE_DAMAGED`, `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`
 * @example
 * const { leftBehind } = await dumpActors({ data: './data', actors: ['/bank/reserve'], swarm, file: './reserve.hfa' })
 */
export async function dumpActors(options: DumpActorsOptions): Promise<DumpActorsReport> {
  const { data, file, at, keys, force = false } = options
  check(options)
  if (!force && existsSync(file)) throw exists(file)
  const draft = `${resolve(file)}.${randomBytes(4).toString('hex')}.unfinished`
  const store = new LmdbStore({ dir: data, readOnly: true, keys })
  let journal: Journal | undefined
  try {
    const end = lastWhole(store, data, at)
    const { swarm } = options
    const code = typeof swarm === 'function' ? await swarm() : swarm
    journal = journalOn(store, machineAuthorities(), { redact: code.redact })
    const report = await write(store, journal, draft, end, code, options)
    if (!force && existsSync(file)) throw exists(file)
    renameSync(draft, file)
    flushNames(dirname(resolve(file)), undefined)
    return report
  } catch (error) {
    rmSync(draft, { force: true })
    throw unwritable(file, error)
  } finally {
    await (journal ?? store).close()
  }
}

function check({ data, actors, swarm, file, at, form = 'frames' }: DumpActorsOptions): void {
  if (typeof data !== 'string' || data === '') refuse('data', data, 'the path of a directory')
  if (typeof file !== 'string' || file === '') refuse('file', file, 'the path of a file')
  if (at !== undefined && (!Number.isSafeInteger(at) || at < 1)) refuse('at', at, 'a position')
  if (form !== 'frames' && form !== 'lines') refuse('form', form, '"frames" or "lines"')
  if (!Array.isArray(actors) || actors.length === 0) refuse('actors', actors, 'paths of actors, at least one')
  for (const [i, path] of actors.entries())
    if (typeof path !== 'string') refuse(`actors.${i}`, path, 'the path of an actor')
  if ((typeof swarm !== 'object' && typeof swarm !== 'function') || (swarm as unknown) === null)
    refuse('swarm', swarm, 'a swarm, a root with further definitions, or a function that gives one')
}

async function write(
  store: LmdbStore,
  journal: Journal,
  draft: string,
  at: number,
  swarm: DumpedSwarm,
  { actors, form = 'frames', nowMs = machineAuthorities().now() }: DumpActorsOptions,
): Promise<DumpActorsReport> {
  const carried = await carryActors({
    log: journal,
    beginning: journal.beginning,
    authorities: machineAuthorities(),
    root: swarm.root,
    definitions: swarm.definitions,
    actors,
    at,
    refs: (make) => {
      journal.codec.ref = make
    },
  })
  const id = Buffer.from(store.id).toString('hex')
  const { lastMs: timeMs, lastActor, paths, records, leftBehind } = carried
  const writer = new DumpWriter(draft, form)
  try {
    const head = { store: id, position: at, timeMs, lastActor, at: new Date(nowMs).toISOString() }
    writer.put({ is: 'header', schema: ACTORS_SCHEMA, ...head })
    await writeImage(writer, carried)
    let states = 0
    for await (const { actor, version, turns, state } of carried.states()) {
      writer.put({ is: 'state', actor, version, turns, value: state })
      states++
    }
    writer.put({ is: 'end', records: records.length, states })
    writer.finish()
    const { paths: left, count } = leftBehind
    const counts = { records: records.length, states }
    return { position: at, store: id, actors: paths, ...counts, leftBehind: left, leftBehindCount: count }
  } finally {
    writer.close()
  }
}

async function writeImage(writer: DumpWriter, { parts, records, nameGivers }: CarriedActors): Promise<void> {
  const breath = new Breath()
  for (const record of records) {
    if (record.kind === 'message') writer.put(carriedMessage(record, nameGivers.has(record.position)))
    else if (record.kind === 'failed') writer.put(carriedFailure(record))
    if (breath.isDue) await breath.take()
  }
  for (const { system, keys, actors = [] } of parts) {
    if (system !== undefined) writer.put({ is: 'system', value: system })
    if (keys !== undefined) writer.put({ is: 'keys', value: keys })
    for (const actor of actors) {
      writer.put({ is: 'actor', value: actor })
      if (breath.isDue) await breath.take()
    }
  }
}
