// A process that goes through a log again and again, slowly, while another one moves it. Argument: the data directory. It
// prints `passed <batches>` for each time that it found every batch once and in order, and `broken <where>` otherwise.

import { machineAuthorities } from '@holdfast/kernel'
import { Journal, LmdbStore } from '@holdfast/journal'
import { print } from './print.js'

const [dir = ''] = process.argv.slice(2)
const store = new LmdbStore({ dir, readOnly: true })

/** Lets the writer go on, and this process see what it has done. */
async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1))
}

async function pass(): Promise<string> {
  // A journal takes as much as there is when it is opened: each pass needs its own.
  const log = new Journal(store, machineAuthorities())
  let next = 1
  let batches = 0
  for (const { header } of log.readBatches()) {
    if (header.first !== next) return `broken batches ${next}: ${header.first}`
    next = header.first + header.count
    if (batches++ % 4 === 0) await pause()
  }
  if (next !== log.next) return `broken end ${next}: ${log.next}`
  let expected = 1
  for (const first of store.firsts(1)) {
    if (first >= next) break
    if (store.batchAt(first)?.first !== first || first < expected)
      return `broken firsts ${first}: ${expected}`
    expected = first + 1
    if (first % 8 === 0) await pause()
  }
  for (let at = 1; at < next; at += 7) {
    if (log.messageAt(at)?.position !== at) return `broken at ${at}`
    if (at % 8 === 1) await pause()
  }
  return `passed ${batches}`
}

print('watching')
for (;;) {
  const line = await pass()
  print(line)
  if (line.startsWith('broken')) break
}
