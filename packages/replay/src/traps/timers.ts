// Timers. A scope that reports has them fire without waiting (see `held-timers.ts`); what cancels a timer is no leak, and
// understands both kinds.

import timersPromises from 'node:timers/promises'
import { builtin } from './builtin.js'
import { HeldTimer } from './held-timers.js'
import type { Patches } from './patches.js'
import { currentScope, type HeldScope } from './scope.js'
import { guarded, loose, type Call } from './trap.js'

// As it was when this was loaded: it is asked for what Node throws, and for no time.
const settle = timersPromises.setTimeout

/** Sets traps on timers. */
export function trapTimers(patches: Patches): void {
  for (const holder of [globalThis, builtin('node:timers')]) {
    const trap = (key: string, instead: Instead): void => {
      patches.wrap(holder, key, (original) => guarded(original, { what: key, kind: 'timer', instead }))
    }
    trap('setTimeout', (scope, { args }) => scope.timers.set(stepOf(args, 2), delayOf(args[1])))
    trap('setInterval', (scope, { args }) => {
      const everyMs = Math.max(1, delayOf(args[1]))
      return scope.timers.set(stepOf(args, 2), everyMs, everyMs)
    })
    trap('setImmediate', (scope, { args }) => scope.timers.set(stepOf(args, 1), 0))
    for (const key of ['clearTimeout', 'clearInterval', 'clearImmediate'])
      patches.wrap(holder, key, cancelling)
  }
  trapPromises(patches)
  patches.wrap(globalThis.AbortSignal, 'timeout', (original) =>
    guarded(original, {
      what: 'AbortSignal.timeout',
      kind: 'timer',
      instead: (scope, { args }) => {
        const abort = new AbortController()
        scope.timers.set(() => {
          abort.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
        }, delayOf(args[0]))
        return abort.signal
      },
    }),
  )
}

function trapPromises(patches: Patches): void {
  const promises = builtin('node:timers/promises')
  const trap = (holder: unknown, key: string, what: string, instead: Instead): void => {
    patches.wrap(holder, key, (original) => guarded(original, { what, kind: 'timer', instead }))
  }
  trap(promises, 'setTimeout', 'timers/promises.setTimeout', (scope, { args }) =>
    waited(scope, args[0], args[1], args[2]),
  )
  trap(promises, 'setImmediate', 'timers/promises.setImmediate', (scope, { args }) =>
    waited(scope, 0, args[0], args[1]),
  )
  trap(promises, 'setInterval', 'timers/promises.setInterval', (scope, { args }) =>
    ticks(scope, args[0], args[1], args[2]),
  )
  const scheduler: unknown = Object.getPrototypeOf(promises.scheduler)
  trap(scheduler, 'wait', 'scheduler.wait', (scope, { args }) => waited(scope, args[0], undefined, args[1]))
  trap(scheduler, 'yield', 'scheduler.yield', (scope) => waited(scope, 0))
}

type Instead = (scope: HeldScope, call: Call) => unknown

function stepOf(args: readonly unknown[], first: number): () => void {
  const [callback] = args
  const given = args.slice(first)
  return () => {
    loose(callback)(...given)
  }
}

function delayOf(delay: unknown): number {
  const ms = Number(delay)
  return ms > 0 ? ms : 1
}

async function waited(
  scope: HeldScope,
  delay: unknown,
  value?: unknown,
  options?: unknown,
): Promise<unknown> {
  const signal = (options as { readonly signal?: AbortSignal } | undefined)?.signal
  // What Node throws for one that is aborted already, without a timer of ours or of its own.
  if (signal?.aborted === true) return settle(0, value, { signal })
  return new Promise((resolve, reject) => {
    const timer = scope.timers.set(() => {
      resolve(value)
    }, delayOf(delay))
    signal?.addEventListener('abort', () => {
      timer.close()
      settle(0, value, { signal }).catch(reject)
    })
  })
}

async function* ticks(scope: HeldScope, delay: unknown, value: unknown, options: unknown): AsyncGenerator {
  for (;;) yield await waited(scope, delay, value, options)
}

function cancelling(original: (...args: never[]) => unknown): unknown {
  return new Proxy(original, {
    apply(target, self, args: unknown[]) {
      const [timer] = args
      if (timer instanceof HeldTimer) timer.close()
      // The number of a timer of ours is negative, and one of the process never is.
      else if (Number(timer) < 0) currentScope()?.timers.cancel(Number(timer))
      else Reflect.apply(target, self, args)
    },
  })
}
