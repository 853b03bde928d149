// A system that is offered ten times of what it handles, from outside and faster than the disk takes it. Arguments: the data
// directory; for how many milliseconds; and how much address space it may take beyond what it has when it is up, in megabytes
// (0: as much as it wants).
//
// It prints `up <kilobytes>`, what is in use when nobody waits for anything; `memory <kilobytes> <offered> <refused> <handled>`
// ten times a second, with all that it has of its own; `acked <n>` for each message whose answer came; and `drained
// <kilobytes>`, as at the beginning, when everything that was taken in is handled.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { actor, HoldfastError, machineAuthorities, System } from '@holdfast/kernel'
import { Journal, LmdbStore } from '@holdfast/journal'
import { print } from './print.js'

const TEXT = 'x'.repeat(1_000)

/** Address space of the store: the usual one has no room within a limit. */
const MAP_BYTES = 4 * 2 ** 30

/** What a message costs: some tens of microseconds. */
const WORK = 5_000

/** Messages that are offered before anybody else has the event loop. */
const AT_ONCE = 10_000

let handled = 0
const sink = actor({
  name: 'sink',
  state: () => ({ sum: 0 }),
  on: {
    take(ctx, { n }: { n: number; text: string }) {
      for (let i = 0; i < WORK; i++) ctx.state.sum = (ctx.state.sum + n * i) % 9_973
      handled++
      return n
    },
  },
})

function kilobytes(field: string): number {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
}

/** What is left when nobody waits for anything. */
function atRest(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let i = 0; i < 3; i++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return Math.round((heapUsed + external) / 1_024)
}

function limit(megabytes: number): void {
  const bytes = kilobytes('VmSize') * 1_024 + megabytes * 1_048_576
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(process.pid), `--as=${bytes}:${bytes}`])
  if (status !== 0) throw new Error(`prlimit failed: ${stderr.toString()}`)
}

const [dir = '', ms = '0', megabytes = '0'] = process.argv.slice(2)
const authorities = machineAuthorities()
const log = new Journal(new LmdbStore({ dir, mapBytes: MAP_BYTES }), authorities)
const system = await System.start({ name: 'overload', root: sink, log, authorities })
const ref = system.ref(sink, '/sink')
print(`up ${atRest()}`)
if (megabytes !== '0') limit(Number(megabytes))

let [offered, refused, asked] = [0, 0, 0]

/** Offers a message, now and then one that wants an answer. */
function offer(): void {
  offered++
  try {
    if (offered % 100 !== 0) {
      ref.tell('take', { n: 0, text: TEXT })
      return
    }
    const n = ++asked
    ref.ask('take', { n, text: TEXT }, { timeoutMs: 60_000 }).then(
      () => {
        print(`acked ${n}`)
      },
      (error: unknown) => {
        refuse(error)
      },
    )
  } catch (error) {
    refuse(error)
  }
}

function refuse(error: unknown): void {
  if (!(error instanceof HoldfastError) || error.disposition !== 'retryable') throw error
  refused++
}

const until = performance.now() + Number(ms)
// On a machine that does other things as well it may take longer until there is too much.
const least = ms === '0' ? 0 : 100_000
for (let shownAt = 0; performance.now() < until || offered < least;) {
  // Ten times as much as it has ever handled, as soon as that is known.
  for (let n = 0; n < AT_ONCE && (n < AT_ONCE / 10 || offered < 10 * handled); n++) offer()
  if (performance.now() - shownAt > 100) {
    shownAt = performance.now()
    print(`memory ${kilobytes('RssAnon')} ${offered} ${refused} ${handled}`)
  }
  await new Promise((resolve) => setImmediate(resolve))
}
await system.flushed()
while (system.inspect('/sink').mailbox > 0) await new Promise((resolve) => setImmediate(resolve))
await system.flushed()
print(`drained ${atRest()}`)
await system.stop()
