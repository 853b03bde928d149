// What becomes of the system of a store that is opened again: two stores that tell of the same system come to the same.

import { Journal, type MemoryStore } from '@holdfast/journal'
import { System, type LogRecord, type TreeNode } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import type { Swarm } from '../replay/random-swarms.js'
import { definitionsOf, type Outside } from '../replay/swarm-world.js'

/** A world in which the same effects come to the same, however often they are tried. */
function evenWorld(authorities: VirtualAuthorities): Outside {
  const perform: Outside['perform'] = (name, how) => {
    const later = new Promise<void>((resolve) => {
      if (how === 'later') authorities.timer(20, resolve)
    })
    return how === 'now' ? name.length : later.then(() => name.length)
  }
  return { effectOf: (op) => op, perform }
}

/** What a system does that comes back from a store: what it logs, and what becomes of each actor. */
export async function goesOn(store: MemoryStore, swarm: Swarm): Promise<unknown> {
  const authorities = new VirtualAuthorities({ seed: 7, startMs: 4_000_000_000_000 })
  const log = new Journal(store, authorities)
  const from = log.next
  const refs = (make: (path: string) => unknown): void => {
    log.codec.ref = make
  }
  const { root } = definitionsOf(swarm, evenWorld(authorities))
  const starting = System.start({ name: 'world', root, log, authorities, refs }).then(
    (system) => system,
    () => null,
  )
  await authorities.advance(5_000)
  const system = await starting
  const records = [...log.read(from)]
  const names = namesOf(records)
  const nameOf = (position: number): number | string => names.get(position) ?? position
  const told: Record<number, unknown[]> = {}
  for (const record of records) (told[record.actor] ??= []).push(asTold(record, nameOf))
  const tree = withoutStrategies(system?.tree())
  return { told, tree, parked: system?.parked().map(({ position }) => nameOf(position)) }
}

// Whose state is made later comes back later, and which states these are is nobody's promise. What each actor does is the same
// whoever comes first, so a record goes by its actor and by its place in what that one does.
function namesOf(records: readonly LogRecord[]): ReadonlyMap<number, string> {
  const counts = new Map<number, number>()
  return new Map(
    records.map(({ position, actor }) => {
      const nth = (counts.get(actor) ?? 0) + 1
      counts.set(actor, nth)
      return [position, `${actor}.${nth}`]
    }),
  )
}

// Whoever has ever had a child shows the strategy that it would have.
function withoutStrategies(tree: TreeNode | undefined): unknown {
  return JSON.parse(
    JSON.stringify(tree ?? null, (key, value: unknown) => (key === 'strategy' ? undefined : value)),
  )
}

function asTold(record: LogRecord, nameOf: (position: number) => number | string): unknown {
  const { kind } = record
  const [correlation, cause] = [nameOf(record.correlation), nameOf(record.cause)]
  const what = kind === 'message' ? [record.type, record.sender, record.payload()] : []
  const carried = kind === 'turn' ? [record.digest] : kind === 'message' ? [] : record.data()
  const told = JSON.stringify({ kind, correlation, cause, what, carried }, (key, value: unknown) =>
    key === 'stack' ? undefined : value,
  )
  return JSON.parse(told)
}
