// Effects
// =======
// What a handler does outside. It starts once the log prefix it depends on is durable, so that nothing happens in the
// world that a power cut could make the log forget the reason of; its result is a record before the handler sees it,
// so that a re-run reads it instead of doing it again.

import type { EffectOptions, EffectRetry } from './context.js'
import { HoldfastError, refuse } from './errors.js'
import { EFFECT_TIMEOUT_MS, TIMER_MS_MAX } from './limits.js'
import { storedError, type StoredError } from './records.js'
import type { LiveTurn } from './turn.js'
import { reach } from './watchdog/in-hand.js'

const DEFAULT_RETRY: EffectRetry = { attempts: 3, minMs: 100, maxMs: 10_000 }
const NO_RETRY: EffectRetry = { attempts: 1 }

/** Refuses an effect that cannot be run so. @throws {HoldfastError} `HF_INVALID` */
export function checkEffect(name: unknown, options: EffectOptions, path: string): void {
  if (typeof name !== 'string' || name === '') refuse('effect.name', name, 'a name', path)
  checkTimeout('effect.timeoutMs', options.timeoutMs ?? EFFECT_TIMEOUT_MS, path)
  const { attempts } = retryOf(options)
  if (!(Number.isSafeInteger(attempts) && attempts >= 1))
    refuse('effect.retry.attempts', attempts, 'a whole number from 1', path)
}

/** Refuses what is no time that can be waited for. @throws {HoldfastError} `HF_INVALID` with the field's name */
export function checkTimeout(field: string, timeoutMs: number, path: string): void {
  if (!(timeoutMs > 0 && timeoutMs <= TIMER_MS_MAX)) refuse(field, timeoutMs, 'milliseconds above 0', path)
}

function retryOf({ retry }: EffectOptions): EffectRetry {
  return retry === 'default' ? DEFAULT_RETRY : (retry ?? NO_RETRY)
}

/** Runs an effect of a turn and settles its result. */
export function runEffect(
  turn: LiveTurn,
  index: number,
  name: string,
  run: (signal: AbortSignal) => unknown,
  options: EffectOptions,
): void {
  const retry = retryOf(options)
  const timeoutMs = options.timeoutMs ?? EFFECT_TIMEOUT_MS
  const { kernel, signal } = turn
  const attempt = (nth: number): void => {
    if (signal.aborted || !turn.isOpen) return
    once(turn, index, name, run, timeoutMs).then(
      (value) => {
        settle(turn, index, name, true, value, undefined)
      },
      (error: unknown) => {
        if (nth >= retry.attempts)
          settle(turn, index, name, false, undefined, storedError(error, kernel.log.redaction))
        else
          pause(turn, index, pauseMs(retry, nth, kernel.authorities.random()), () => {
            attempt(nth + 1)
          })
      },
    )
  }
  kernel.releases.when(kernel.log.next, (failure) => {
    if (failure !== null) return
    kernel.authorities.defer(() => {
      attempt(1)
    })
  })
  kernel.dispatcher.wake()
}

// Full jitter (after Brooker, "Exponential Backoff and Jitter", 2015): spread out, never longer than the doubling.
function pauseMs(retry: EffectRetry, nth: number, random: number): number {
  const { minMs = 100, maxMs = 10_000 } = retry
  const longest = Math.min(maxMs, minMs * 2 ** (nth - 1))
  return minMs + (longest - minMs) * random
}

// The timer ends with the turn: nothing of a turn that is over keeps the process awake.
function pause(turn: LiveTurn, index: number, ms: number, step: () => void): void {
  if (!turn.isOpen) return
  turn.keepTimer(index, turn.kernel.authorities.timer(ms, step))
}

// Each attempt has a signal of its own, because the next one begins when this one's time is over.
function once(
  turn: LiveTurn,
  index: number,
  name: string,
  run: (signal: AbortSignal) => unknown,
  timeoutMs: number,
): Promise<unknown> {
  const late = new AbortController()
  return new Promise((resolve, reject) => {
    const timer = turn.kernel.authorities.timer(timeoutMs, () => {
      const error = tookTooLong(turn, name, timeoutMs)
      late.abort(error)
      reject(error)
    })
    turn.keepTimer(index, timer)
    const end = <T>(settled: (value: T) => void): ((value: T) => void) => {
      return (value) => {
        timer.cancel()
        settled(value)
      }
    }
    try {
      const signal = AbortSignal.any([turn.signal, late.signal])
      Promise.resolve(perform(turn, index, name, run, signal)).then(end(resolve), end(reject))
    } catch (error) {
      end(reject)(error)
    }
  })
}

function perform(
  turn: LiveTurn,
  index: number,
  name: string,
  run: (signal: AbortSignal) => unknown,
  signal: AbortSignal,
): unknown {
  const { kernel, cell, position, attempt } = turn
  const { authorities, hand } = kernel
  if (hand !== null) reach(kernel, hand, turn)
  if (authorities.effect === undefined) return run(signal)
  return authorities.effect({ actor: cell.path, message: position, attempt, index, name }, run, signal)
}

function tookTooLong(turn: LiveTurn, name: string, timeoutMs: number): HoldfastError {
  const message = `Effect "${name}" of ${turn.cell.path} took longer than ${timeoutMs} ms.`
  return new HoldfastError('HF_EFFECT_TIMEOUT', message, {
    actor: turn.cell.path,
    hint: 'Raise timeoutMs of the effect, or make it obey the signal that it is given.',
  })
}

function settle(
  turn: LiveTurn,
  index: number,
  name: string,
  ok: boolean,
  value: unknown,
  error: StoredError | undefined,
): void {
  if (!turn.isOpen || !turn.isWaitingFor(index)) return
  const { kernel, cell } = turn
  // The time first: it may begin the batch that the record goes into.
  const { timeMs } = kernel.log
  if (cell.durable) {
    try {
      const kept = ok ? kernel.log.encode(value).copy : undefined
      const data = { attempt: turn.attempt, index, name, ok, ...(ok ? { value } : { error }) }
      kernel.log.record('effect', cell.id, turn.correlation, turn.position, data)
      value = kept
    } catch (unstorable) {
      settle(turn, index, name, false, undefined, storedError(unstorable, kernel.log.redaction))
      return
    }
  }
  turn.settle(index, ok, value, error, timeMs)
  kernel.dispatcher.wake()
}
