// Watchdog
// ========
// The side of the main thread: it has a heart that beats as long as the event loop turns, and an answer for whoever asks in
// the middle of something.
//
// Boundary: it watches the real thread by real time, also when the system runs on virtual time.

import { resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Watchdog, Watched } from '@holdfast/kernel'
import { LOOK_MAX_MS, LOOKS_PER_STALL, STACK_FRAMES } from '../limits.js'
import { inspector } from './main-thread.js'
import {
  ANSWERS,
  BEATS,
  DEBUGGED,
  HEART_OFFSET,
  SHARED_BYTES,
  type Answer,
  type Said,
  type Task,
} from './shared.js'
import type { WatchdogOptions } from './watchdog-options.js'

/** Makes a watchdog; `dir` is where it puts its report when it ends the process. */
export function openWatchdog(options: WatchdogOptions, dir: string | undefined): Watchdog {
  return new ThreadWatchdog(options, dir)
}

class ThreadWatchdog implements Watchdog {
  readonly hand: Float64Array
  readonly #options: WatchdogOptions
  readonly #dir: string | undefined
  readonly #memory = new SharedArrayBuffer(SHARED_BYTES)
  readonly #heart: Int32Array
  readonly #inspector = inspector()
  #beating: NodeJS.Timeout | undefined
  #worker: Worker | undefined

  constructor(options: WatchdogOptions, dir: string | undefined) {
    this.#options = options
    // The working directory may be another one by then.
    this.#dir = dir === undefined ? undefined : resolve(dir)
    this.hand = new Float64Array(this.#memory, 0, 2)
    this.#heart = new Int32Array(this.#memory, HEART_OFFSET)
  }

  async begin(watched: Watched): Promise<void> {
    const { stallMs } = this.#options
    const worker = this.#start(watched)
    const { threadId } = worker
    answers().set(threadId, () => JSON.stringify(this.#answer(watched)))
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (said: Said) => {
        if (said.kind === 'ready') resolve()
        else watched.wentOn(said.stall)
      })
      worker.once('error', reject)
    })
    worker.on('error', (error) => {
      watched.failed(error)
    })
    worker.once('exit', () => {
      answers().delete(threadId)
    })
    // A process that waits for nothing else ends.
    worker.unref()
    this.#beating = setInterval(
      () => {
        this.#beat()
      },
      Math.min(stallMs / LOOKS_PER_STALL, LOOK_MAX_MS),
    ).unref()
  }

  async end(): Promise<void> {
    clearInterval(this.#beating)
    await this.#worker?.terminate()
  }

  #start({ name, epoch }: Watched): Worker {
    const { stallMs, endAfterMs } = this.#options
    const task: Task = {
      memory: this.#memory,
      system: name,
      epoch,
      stallMs,
      endAfterMs,
      dir: this.#dir,
    }
    // What the program was started with need not be loaded again.
    const how = { workerData: task, name: 'holdfast-watchdog', execArgv: [] }
    return (this.#worker = new Worker(threadFile(), how))
  }

  #beat(): void {
    Atomics.add(this.#heart, BEATS, 1)
    Atomics.store(this.#heart, DEBUGGED, this.#isDebugged ? 1 : 0)
  }

  get #isDebugged(): boolean {
    return this.#inspector?.url() !== undefined
  }

  // Runs in the middle of anything: it reads, and puts back what it changes.
  #answer(watched: Watched): Answer {
    const beats = Atomics.load(this.#heart, BEATS)
    return { beats, isDebugged: this.#isDebugged, inHand: watched.inHand(), stack: stackHere() }
  }
}

// A thread reads no TypeScript: run from its sources, this starts what was built of them last.
function threadFile(): URL {
  const here = import.meta.url
  const built = here.endsWith('.ts') ? '../../dist/watchdog/watchdog-thread.js' : './watchdog-thread.js'
  return new URL(built, here)
}

function answers(): Map<number, () => string> {
  const place: { [name: symbol]: Map<number, () => string> | undefined } = globalThis
  return (place[Symbol.for(ANSWERS)] ??= new Map<number, () => string>())
}

// The frames below the question.
function stackHere(): string {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = STACK_FRAMES
  const here: { stack?: string } = {}
  Error.captureStackTrace(here)
  const lines = (here.stack ?? '').split('\n')
  Error.stackTraceLimit = stackTraceLimit
  const asked = lines.findIndex((line) => /at <anonymous>:1:/.test(line))
  return lines.slice(asked + 1).join('\n')
}
