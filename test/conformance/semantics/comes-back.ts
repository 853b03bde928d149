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
  const told = [...log.read(from)].map(asTold)
  const tree = withoutStrategies(system?.tree())
  return { told, tree, parked: system?.parked().map(({ position }) => position) }
}

// Whoever has ever had a child shows the strategy that it would have.
function withoutStrategies(tree: TreeNode | undefined): unknown {
  return JSON.parse(
    JSON.stringify(tree ?? null, (key, value: unknown) => (key === 'strategy' ? undefined : value)),
  )
}

function asTold(record: LogRecord): unknown {
  const { kind, position, actor, correlation, cause } = record
  const what = kind === 'message' ? [record.type, record.sender, record.payload()] : []
  const carried = kind === 'turn' ? [record.digest] : kind === 'message' ? [] : record.data()
  const told = JSON.stringify(
    { kind, position, actor, correlation, cause, what, carried },
    (key, value: unknown) => (key === 'stack' ? undefined : value),
  )
  return JSON.parse(told)
}
