// The main thread, asked in the middle of whatever it does. The inspector of V8 is served wherever running code may be
// interrupted, which is in loops, calls and regular expressions alike; so a thread that stands still can still say in what.
// One that waits for the operating system cannot, and answers later or never.

import { createRequire } from 'node:module'
import type * as Inspector from 'node:inspector'
import { threadId } from 'node:worker_threads'
import { ANSWERS, type Answer } from './shared.js'

/** The inspector; nothing in a build of Node that has none. */
export function inspector(): typeof Inspector | undefined {
  try {
    return createRequire(import.meta.url)('node:inspector') as typeof Inspector
  } catch {
    return undefined
  }
}

interface Evaluated {
  readonly result: { readonly value?: unknown }
}

/** Asks the main thread. */
export class MainThread {
  #session: Inspector.Session | undefined
  #isAsked = false
  /** What it said last. */
  answer: Answer | undefined

  /** Asks what it does, unless it still owes an answer. */
  ask(): void {
    if (this.#isAsked) return
    this.#session ??= this.#connected()
    if (this.#session === undefined) return
    this.#isAsked = true
    const expression = `globalThis[Symbol.for('${ANSWERS}')]?.get(${threadId})?.()`
    const question = { expression, returnByValue: true, silent: true }
    this.#session.post('Runtime.evaluate', question, (error: Error | null, evaluated: Evaluated) => {
      this.#isAsked = false
      const value = error === null ? evaluated.result.value : undefined
      if (typeof value === 'string') this.answer = JSON.parse(value) as Answer
    })
  }

  /** Leaves it alone: nobody pays for an inspector that is not needed. */
  leave(): void {
    this.#session?.disconnect()
    this.#session = undefined
    this.#isAsked = false
    this.answer = undefined
  }

  #connected(): Inspector.Session | undefined {
    const available = inspector()
    if (available === undefined) return undefined
    const session = new available.Session()
    session.connectToMainThread()
    return session
  }
}
