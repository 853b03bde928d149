// What there is of threads in this process, whoever knows of it: what a pool says of itself is held against that.

import { subscribe } from 'node:diagnostics_channel'
import type { Worker } from 'node:worker_threads'

const living = new Set<Worker>()
const warnings: string[] = []

// Node tells of each worker that anything starts.
subscribe('worker_threads', (message) => {
  const { worker } = message as { readonly worker: Worker }
  living.add(worker)
  worker.once('exit', () => living.delete(worker))
})

process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`))

/** How many threads of this process live. */
export function livingThreads(): number {
  return living.size
}

/** What Node has warned of, such as listeners that pile up. */
export function nodeWarnings(): readonly string[] {
  return warnings.filter((line) => !line.startsWith('ExperimentalWarning'))
}
