// A process that writes a log, whose old batches move into segments meanwhile, and cuts it now and then. Argument: the data
// directory. It prints `acked <n>` for each record that is stored, and `floor <position>` for each cut that was done, and
// ends when nobody reads what it prints.

import { machineAuthorities } from '@holdfast/kernel'
import { openJournal } from '@holdfast/journal'
import { MOVED } from './moved.js'
import { print } from './print.js'

const [dir = ''] = process.argv.slice(2)
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

const name = { type: 'note', version: 1, batch: -1, slot: 0 }
for (let n = 0; n < 2_000; n++) {
  const position = journal.message(1 + (n % 5), name, { n, text: 'x'.repeat(800) }, 0, 0, 0, {
    correlationName: `record ${n}`,
  })
  await store()
  print(`acked ${position}`)
  if (n % 25 === 24) print(`floor ${await journal.cut(journal.next - 50)}`)
}
