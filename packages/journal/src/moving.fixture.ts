// What the tests of backups, shipped logs and dumps share: a system with a log worth copying, and its records as plain data.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actor, child, machineAuthorities, supervisor, System } from '@holdfast/kernel'
import type { KeySource } from './disk/sealing/key-ring.js'
import { LmdbStore } from './disk/lmdb-store.js'
import { Journal } from './journal.js'
import { openJournal } from './open-journal.js'
import { verifyStore, type VerifyReport } from './verify.js'

const counter = actor({
  name: 'counter',
  snapshot: { everyBytes: 400 },
  state: () => ({ n: 0, seen: new Map<string, Date>() }),
  on: {
    add(ctx, { by }: { by: number }) {
      ctx.state.n += by
      ctx.state.seen.set(String(by), new Date(by))
      if (by % 3 === 0) ctx.tell(ctx.self, 'add', { by: 1 })
      return ctx.state.n
    },
    keep: (_ctx, value: unknown) => value,
    total: (ctx) => ctx.state.n,
  },
})

/** What runs in these tests. */
export const root = supervisor({ name: 'root', children: [child(counter)] })

/** A system on a directory, with the machine's own time. */
export function start(dir: string, keys?: KeySource): Promise<System> {
  const authorities = machineAuthorities()
  return System.start({ name: 'moving', root, log: openJournal({ dir, authorities, keys }), authorities })
}

/** Has the counter of a system add numbers, each of them stored before the next. */
export async function add(system: System, from: number, to: number): Promise<void> {
  for (let by = from; by <= to; by++) {
    const named = by % 10 === 0 ? { correlation: `round ${by}` } : {}
    await system.ref(counter, '/root/counter').ask('add', { by }, named)
  }
}

/** Sends values through a system, so that they stand in its log. */
export async function keep(system: System, values: readonly unknown[]): Promise<void> {
  for (const value of values) await system.ref(counter, '/root/counter').ask('keep', value)
}

/** What the counter of a system has come to, once everything that waits was handled. */
export async function total(system: System): Promise<number> {
  for (let i = 0; i < 5; i++) await system.ref(counter, '/root/counter').ask('total')
  return system.ref(counter, '/root/counter').ask('total')
}

/** A place for directories, and the way to take it away. */
export function place(): { dir: (name: string) => string; remove: () => void } {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-moving-'))
  return {
    dir: (name) => join(home, name),
    remove: () => {
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** All records of a data directory as plain data. */
export async function recordsOf(dir: string, keys?: KeySource): Promise<Record<string, unknown>[]> {
  return withStore(dir, keys, (store) => {
    const journal = new Journal(store, machineAuthorities())
    return [...journal.read(1)].map((record) => {
      const { position, timeMs, kind, actor: of, correlation, cause } = record
      const head = { position, timeMs, kind, of, correlation, cause }
      if (record.kind === 'message') {
        const { correlationName, ask, outside, timer, notice, sender, type, version } = record
        return {
          ...head,
          correlationName,
          ask,
          outside,
          timer,
          notice,
          sender,
          type,
          version,
          body: record.payload(),
        }
      }
      if (record.kind !== 'turn') return { ...head, body: record.data() }
      const { message, attempt, told, answered, digest } = record
      return { ...head, message, attempt, told, answered, digest, body: record.answer() }
    })
  })
}

/** The batches of a data directory, byte for byte. */
export function batchesOf(dir: string): Promise<Buffer[]> {
  return withStore(dir, undefined, (store) => [...store.batches(1)].map(({ bytes }) => Buffer.from(bytes)))
}

/** What a verification of a data directory comes to. */
export function verified(dir: string, keys?: KeySource): Promise<VerifyReport> {
  return withStore(dir, keys, (store) => verifyStore(store))
}

/** Opens a store for reading, and closes it. */
export async function withStore<T>(
  dir: string,
  keys: KeySource | undefined,
  read: (store: LmdbStore) => T,
): Promise<T> {
  const store = new LmdbStore({ dir, readOnly: true, keys, isSealedOnly: true })
  try {
    return read(store)
  } finally {
    await store.close()
  }
}
