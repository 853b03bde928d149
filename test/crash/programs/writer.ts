// A process that writes a log on command. Arguments: the data directory, and the bytes of address space for it.
// It prints `ready <epoch>` or `refused <code>`, and answers each line on its stdin:
//
//   tell <n>    writes n records of 10 KB and hands none to the disk     told <next>
//   store       hands everything to the disk and waits for it            stored <durable>
//   close       closes the log                                           closed

import { createInterface } from 'node:readline'
import { HoldfastError, machineAuthorities } from '@holdfast/kernel'
import { Journal, LmdbStore } from '@holdfast/journal'
import { print } from './print.js'

function open(dir: string, mapBytes: number): Journal | undefined {
  try {
    const store = new LmdbStore({ dir, ...(mapBytes > 0 ? { mapBytes } : {}) })
    print(`ready ${store.epoch}`)
    return new Journal(store, machineAuthorities())
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
    print(`refused ${error.code}`)
    return undefined
  }
}

function tell(journal: Journal, count: number): void {
  const name = { type: 'note', version: 1, batch: -1, slot: 0 }
  for (let i = 0; i < count; i++) journal.message(1, name, Buffer.alloc(10_000, i), 0, 0, 0, null)
}

async function store(journal: Journal): Promise<void> {
  const end = journal.next
  await new Promise<void>((resolve) => {
    journal.onProgress(() => {
      if (journal.durable >= end) resolve()
    })
    journal.flush()
  })
}

async function answer(journal: Journal, line: string): Promise<string> {
  const [word = '', count = '0'] = line.split(' ')
  if (word === 'tell') {
    tell(journal, Number(count))
    return `told ${journal.next}`
  }
  if (word === 'store') {
    await store(journal)
    return `stored ${journal.durable}`
  }
  await journal.close()
  return 'closed'
}

const [dir = '', mapBytes = '0'] = process.argv.slice(2)
const journal = open(dir, Number(mapBytes))
if (journal !== undefined) {
  for await (const line of createInterface({ input: process.stdin })) {
    print(await answer(journal, line))
    if (line === 'close') break
  }
}
