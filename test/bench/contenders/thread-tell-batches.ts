// Bare batches: 512 messages in one postMessage, and the same back. Nothing is stored, and nobody counts.

import { Worker } from 'node:worker_threads'
import { contend } from '../contender.js'
import { pipelined } from '../throughput.js'

const ECHO = `
const { parentPort } = require('node:worker_threads')
parentPort.on('message', (batch) => parentPort.postMessage(batch.map(({ type, payload }) => ({ type: 'here', payload }))))
`
const BATCH = 512

await contend(async (assignment) => {
  const worker = new Worker(ECHO, { eval: true })
  const waiting: (() => void)[] = []
  worker.on('message', () => waiting.shift()!())
  const rate = await pipelined(assignment, 8, async () => {
    const batch = Array.from({ length: BATCH }, (_, i) => ({ type: 'there', payload: { amount: i } }))
    const back = new Promise<void>((resolve) => waiting.push(resolve))
    worker.postMessage(batch)
    await back
    return BATCH
  })
  await worker.terminate()
  return rate
})
