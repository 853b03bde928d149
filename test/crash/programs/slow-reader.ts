// A process that reads a log in each of our ways, one after the other, and very slowly: behind each of the first batches it
// prints `waits` and stands still, with all that it is doing, until it gets a line on its stdin. Arguments: the data directory,
// and a folder for what it makes. It prints `<way> ended` behind each, and `wrong <finding>` for what a verification has found.

import { readSync } from 'node:fs'
import { join } from 'node:path'
import { backup, dump, Journal, LmdbStore, restore, ship, verifyStore } from '@holdfast/journal'
import { machineAuthorities } from '@holdfast/kernel'
import { findIncidents } from 'holdfast/replay'
import { print } from './print.js'

/** How many batches are slow. */
const SLOW_BATCHES = 40

const LINE = Buffer.alloc(2)

let slow = 0
function wait(): void {
  if (slow-- <= 0) return
  print('waits')
  for (let read = 0; read < LINE.byteLength;) {
    try {
      read += readSync(0, LINE, 0, LINE.byteLength - read, null)
    } catch (error) {
      // Nobody has said anything yet.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}

const { batches, batchAt } = LmdbStore.prototype
LmdbStore.prototype.batches = function* (from) {
  for (const batch of batches.call(this, from)) {
    wait()
    yield batch
  }
}
LmdbStore.prototype.batchAt = function (position) {
  wait()
  return batchAt.call(this, position)
}

async function reading(dir: string, read: (store: LmdbStore) => void): Promise<void> {
  const store = new LmdbStore({ dir, readOnly: true })
  read(store)
  await store.close()
}

/** Each of them, by the name of what it makes. */
const WAYS: Readonly<Record<string, (data: string, to: string) => Promise<unknown>>> = {
  verify: (data) =>
    reading(data, (store) => {
      const { findings } = verifyStore(store)
      if (findings.length > 0) print(`wrong ${JSON.stringify(findings[0])}`)
    }),
  read: (data) =>
    reading(data, (store) => {
      for (const record of new Journal(store, machineAuthorities()).read(1))
        if (record.kind !== 'message') print(`wrong ${record.kind}`)
    }),
  incidents: (data) => findIncidents({ data }),
  backup: (data, to) => backup({ data, to }),
  restore: (data, to) => restore({ from: data, to }),
  dump: (data, to) => dump({ data, file: to }),
  ship: async (data, to) => {
    const shipping = await ship({ data, to })
    await shipping.catchUp()
    await shipping.stop()
  },
}

const [data = '', to = ''] = process.argv.slice(2)
for (const [way, read] of Object.entries(WAYS)) {
  slow = SLOW_BATCHES
  await read(data, join(to, way))
  print(`${way} ended`)
}
