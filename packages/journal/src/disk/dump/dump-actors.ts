import {
  carryActors,
  machineAuthorities,
  refuse,
  type CarriedActors,
  type Definition,
} from '@holdfast/kernel'
import type { Journal } from '../../journal.js'
import { journalOn } from '../../open-journal.js'
import type { RedactOptions } from '../../redaction/redact-options.js'
import { Breath } from '../breath.js'
import { ACTORS_SCHEMA, carriedFailure, carriedMessage } from './actors-entry.js'
import { DumpWriter } from './dump-file.js'
import { checkDump, wholeDump, type AnyDumpOptions, type DumpDraft } from './whole-dump.js'

/** The code that wrote a log: a swarm as its file exports it, or a root and further definitions. */
export interface DumpedSwarm {
  readonly root: Definition
  readonly definitions?: readonly Definition[] | undefined
  /** What must not be stored: a state that holds any of it is refused. */
  readonly redact?: RedactOptions | undefined
}

/** Which actors are taken out, and where to; `at` is the position at which. */
export interface DumpActorsOptions extends AnyDumpOptions {
  /** Paths of the actors. Those below them come along, and those above them without whom they would have no place. */
  readonly actors: readonly string[]
  /** The code that wrote the log: states are made with it. A function is called when the data are open. */
  readonly swarm: DumpedSwarm | (() => Promise<DumpedSwarm>)
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
  checkDump(options)
  check(options)
  return await wholeDump(options, async (store, draft) => {
    const { swarm, actors } = options
    const code = typeof swarm === 'function' ? await swarm() : swarm
    const journal = journalOn(store, machineAuthorities(), { redact: code.redact })
    try {
      return await write(journal, store.id, draft, code, actors)
    } finally {
      await journal.close()
    }
  })
}

function check({ actors, swarm }: DumpActorsOptions): void {
  if (!Array.isArray(actors) || actors.length === 0) refuse('actors', actors, 'paths of actors, at least one')
  for (const [i, path] of actors.entries())
    if (typeof path !== 'string') refuse(`actors.${i}`, path, 'the path of an actor')
  if ((typeof swarm !== 'object' && typeof swarm !== 'function') || (swarm as unknown) === null)
    refuse('swarm', swarm, 'a swarm, a root with further definitions, or a function that gives one')
}

async function write(
  journal: Journal,
  storeId: Uint8Array,
  draft: DumpDraft,
  swarm: DumpedSwarm,
  actors: readonly string[],
): Promise<DumpActorsReport> {
  const { end: position } = draft
  const carried = await carryActors({
    log: journal,
    beginning: journal.beginning,
    authorities: machineAuthorities(),
    root: swarm.root,
    definitions: swarm.definitions,
    actors,
    at: position,
    refs: (make) => {
      journal.codec.ref = make
    },
  })
  const store = Buffer.from(storeId).toString('hex')
  const { lastMs: timeMs, lastActor, paths, records, leftBehind } = carried
  const writer = new DumpWriter(draft.file, draft.form)
  try {
    const head = { store, position, timeMs, lastActor, at: draft.at }
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
    return { position, store, actors: paths, ...counts, leftBehind: left, leftBehindCount: count }
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
