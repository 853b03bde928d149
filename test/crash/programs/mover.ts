// A process that writes a log, whose old batches move into segments meanwhile, and cuts it now and then. Arguments: the data
// directory; how many records it writes, and how many of them a cut leaves. It prints `acked <n>` for each record that is
// stored, `cutting <position>` before each cut, and `floor <position>` or `refused <code>` behind it. It ends when all are
// written, or when nobody reads what it prints.

import { HoldfastError, machineAuthorities } from '@holdfast/kernel'
import { openJournal } from '@holdfast/journal'
import { MOVED } from './moved.js'
import { print } from './print.js'

const [dir = '', records = '2000', left = '50'] = process.argv.slice(2)
const journal = openJournal({ dir, authorities: machineAuthorities(), segments: MOVED })
let wake: () => void = () => undefined
journal.onProgress(() => {
  wake()
})

async function store(): Promise<void> {
  const end = journal.next
  journal.flush()
  while (journal.durable < end) await new Promise<void>((resolve) => (wake = resolve))
}

async function cut(position: number): Promise<string> {
  print(`cutting ${position}`)
  try {
    return `floor ${await journal.cut(position)}`
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
    return `refused ${error.code}`
  }
}

const name = { type: 'note', version: 1, batch: -1, slot: 0 }
for (let n = 0; n < Number(records); n++) {
  const position = journal.message(1 + (n % 5), name, { n, text: 'x'.repeat(800) }, 0, 0, 0, {
    correlationName: `record ${n}`,
  })
  await store()
  print(`acked ${position}`)
  if (n % 25 === 24) print(await cut(journal.next - Number(left)))
}
await journal.close()
