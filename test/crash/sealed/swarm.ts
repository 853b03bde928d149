// Reaches outside in every way that a handler may: its effects write a file, open a connection and start a program. With
// LEAK in the environment, its other handlers do the same past `ctx`, each in another way.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { actor, child, supervisor, swarm } from 'holdfast'

const { SCRATCH: scratch = '', PORT: port = '', LEAK: leak } = process.env

/** Says something to the server of the test, and hears what it says. */
function talk(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.setEncoding('utf8').once('data', resolve).once('error', reject)
    socket.end('hello')
  })
}

// What a module does when it is loaded is in no handler.
if (leak === 'while loading') writeFileSync(`${scratch}/leaked`, 'x')

const leaks: Readonly<Record<string, () => unknown>> = {
  fetch: () => fetch(`http://127.0.0.1:${port}/`),
  file: () => {
    writeFileSync(`${scratch}/leaked`, 'x')
  },
  program: () => execFileSync('true'),
  socket: () => talk(),
}

const worker = actor({
  name: 'worker',
  digestEvery: 1,
  state: () => ({ done: [] as string[] }),
  on: {
    async outside(ctx) {
      const { done } = ctx.state
      done.push(
        await ctx.effect('write', () => {
          writeFileSync(`${scratch}/effect`, 'written')
          return readFileSync(`${scratch}/effect`, 'utf8')
        }),
      )
      done.push(await ctx.effect('connect', talk))
      done.push(await ctx.effect('run', () => execFileSync('echo', ['ran'], { encoding: 'utf8' })))
    },
    async past(ctx, { how }: { how: string }) {
      if (leak !== undefined) await leaks[how]?.()
      ctx.state.done.push(how)
    },
  },
})

export default swarm({
  name: 'sealed',
  root: supervisor({ name: 'sealed', children: [child(worker)] }),
  on: {
    async ready(system, run) {
      const ref = system.ref(worker, '/sealed/worker')
      const options = { correlation: 'incident' }
      await ref.ask('outside', undefined, options)
      for (const how of Object.keys(leaks)) await ref.ask('past', { how }, options)
      run.done()
    },
  },
})
