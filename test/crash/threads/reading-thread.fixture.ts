// A worker thread that has a log open for reading and does not close it: says what it reads, and reads on.

import { parentPort, workerData } from 'node:worker_threads'
import { machineAuthorities } from '@holdfast/kernel'
import { openJournal } from '@holdfast/journal'

const { dir } = workerData as { readonly dir: string }
const journal = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
parentPort!.on('message', () => {
  parentPort!.postMessage(journal.next)
})
parentPort!.postMessage(journal.next)
