// Run
// ===
// Runs a swarm until its file says that it is done, its root gives up, or somebody stops it. The data directory remembers
// everything, so that the same command goes on where this one ends, however it ends.

import {
  createSystem,
  HoldfastError,
  type StoredError,
  type Swarm,
  type System,
  type WatchdogOptions,
} from 'holdfast'
import { dataForRun, shownPath } from '../data-directory.js'
import { dataKeys, subjectKeys } from '../data-keys.js'
import { EXIT } from '../exit-codes.js'
import { bytesText } from '../figures.js'
import { inert } from '../inert.js'
import type { Output } from '../output.js'
import { printable } from '../printable.js'
import { errorText } from '../record-text.js'
import { loadSwarm } from '../swarm-file.js'
import { StopSignals } from '../stop-signals.js'
import { UsageError } from '../usage-error.js'
import { threadsFor } from '../swarm-threads.js'
import type { StopSignal } from '../terminal.js'
import { ThreadTimes } from '../thread-times.js'
import type { Command, DataOption } from './command.js'

/** Options of `run`. */
export interface RunOptions extends DataOption {
  /** Only warnings and failures beside what the swarm prints. */
  readonly quiet?: boolean
  /** How long the event loop may stand still before that is told; instead of what the swarm file says. */
  readonly watchdogMs?: number
  /** How long before the process is ended. */
  readonly endAfterMs?: number
  /** Threads of the default pool; 0: all handlers run in the main thread. @default what the swarm file says */
  readonly threads?: number
}

/** Why a run ends. */
type End =
  | { readonly why: 'done'; readonly code: number }
  | { readonly why: 'signal'; readonly code: number; readonly signal: StopSignal }
  | { readonly why: 'stopped'; readonly code: number }
  | { readonly why: 'gave-up'; readonly error: StoredError }
  | { readonly why: 'hook-failed'; readonly error: unknown }

/** `holdfast run <swarm file>`: runs a swarm. */
export async function run(
  file: string,
  args: readonly string[],
  options: RunOptions,
  command: Command,
): Promise<number> {
  const { terminal, output } = command
  const note = (text: string): void => {
    if (options.quiet !== true) output.note(output.side.faint(text))
  }
  const signals = new StopSignals(terminal, output)
  let times: ThreadTimes | undefined
  try {
    const loaded = await loadSwarm(file, terminal.cwd)
    times = new ThreadTimes()
    const { swarm } = loaded
    const data = dataForRun(options.data, swarm, args, terminal)
    const { name, root, definitions, durability, flushEveryMs, flushDeadlineMs, retention, redact } = swarm
    const watchdog = watchdogOf(swarm, options)
    const system = await createSystem({
      name,
      root,
      args: swarm.args,
      definitions,
      data,
      keys: dataKeys(terminal),
      subjectKeys: subjectKeys(terminal),
      origin: loaded.file,
      durability,
      flushEveryMs,
      flushDeadlineMs,
      retention,
      threads: threadsFor(loaded, options.threads),
      redact,
      ...(watchdog === undefined ? {} : { watchdog }),
      onRecovery: (position, end) => {
        output.progress(`reading the log: ${Math.floor((100 * position) / end)} %`)
      },
    })
    output.progress('')
    const place = shownPath(data, terminal.cwd)
    const run = system.epoch > 1 ? `, run ${system.epoch}` : ''
    const level = system.store.durability === 'strict' ? '' : `, durability ${system.store.durability}`
    note(`${inert(name)} runs on ${place}${run}${level}. Ctrl-C stops it.`)
    listen(system, output, options)
    const end = await ending(system, swarm, signals, { args, data }, output)
    const busy = times.line(system)
    await system.stop()
    if (end.why === 'gave-up') throw gaveUp(end.error, place)
    if (end.why === 'hook-failed') throw hookFailed(end.error)
    if (output.json)
      await output.document('run', {
        system: name,
        data,
        epoch: system.epoch,
        durability: system.store.durability,
        ...end,
      })
    if (busy !== undefined) note(busy)
    note(`Stopped in order. Look at it: holdfast tree --data ${place}`)
    return end.code
  } finally {
    times?.end()
    signals.end()
  }
}

// What the command line says comes before what the swarm file says.
function watchdogOf(
  { watchdog }: Swarm,
  { watchdogMs, endAfterMs }: RunOptions,
): WatchdogOptions | undefined {
  const stallMs = watchdogMs ?? watchdog?.stallMs
  const after = endAfterMs ?? watchdog?.endAfterMs
  if (stallMs === undefined) {
    if (endAfterMs === undefined) return undefined
    throw new UsageError('--end-after-ms needs --watchdog-ms, or a swarm file with a watchdog.')
  }
  return after === undefined ? { stallMs } : { stallMs, endAfterMs: after }
}

function ending(
  system: System,
  swarm: Swarm,
  signals: StopSignals,
  given: { readonly args: readonly string[]; readonly data: string },
  output: Output,
): Promise<End> {
  return new Promise((resolve, reject) => {
    signals.onFirst((signal, code) => resolve({ why: 'signal', signal, code }))
    system.ended().then(() => {
      const { failure } = system
      resolve(failure === null ? { why: 'stopped', code: EXIT.ok } : { why: 'gave-up', error: failure })
    }, reject)
    const run = {
      ...given,
      print: (line: string): void => {
        // With --json stdout holds one document, and the swarm's own lines stand beside it.
        if (output.json) output.warn(line)
        else void output.line(line)
      },
      done: (code: number = EXIT.ok): void => resolve({ why: 'done', code: exitByte(code) }),
    }
    Promise.resolve(system)
      .then((ready) => swarm.on.ready?.(ready, run))
      .catch((error: unknown) => resolve({ why: 'hook-failed', error }))
  })
}

function exitByte(code: unknown): number {
  return Number.isInteger(code) && (code as number) >= 0 && (code as number) <= 255
    ? (code as number)
    : EXIT.failure
}

// What happens beside the swarm's own lines. Decisions are its daily work and are told when somebody asks for more.
function listen(system: System, output: Output, { quiet = false }: RunOptions): void {
  const { bad, warn, good, faint, name } = output.side
  system.on('warning', ({ actor, message }) => {
    output.warn(`${warn('warning')} ${name(inert(actor))} ${inert(message)}`)
  })
  system.on('store-failed', ({ failure }) => {
    output.warn(`${bad('store failed')} ${inert(failure.message)} ${faint(inert(failure.hint ?? ''))}`)
  })
  system.on('store-held', ({ pid, command, grownBytes }) => {
    const who = command === '' ? `process ${pid}` : `process ${pid} (${inert(command)})`
    output.warn(
      `${warn('store held')} ${who} reads an old state of it: its file has grown by ${bytesText(grownBytes)} since`,
    )
  })
  system.on('loop-stalled', ({ actor, type, position, stalledMs, stack, ended, gaveUp }) => {
    const whose =
      actor === '' ? 'outside of any actor' : `in ${name(inert(actor))} ${inert(type)}, at ${position}`
    const what = `${bad('stood still')} the event loop, for ${Math.round(stalledMs)} ms ${whose}`
    const after = gaveUp ? '; that ended the last run, and the turn has failed' : '; that ended the last run'
    const frames = stack === '' ? [] : stack.split('\n').map((frame) => faint(inert(frame)))
    output.warn([`${what}${ended ? after : ''}`, ...frames].join('\n'))
  })
  system.on('store-recovered', () => output.warn(`${good('store recovered')} what waited is being written`))
  system.on('log', ({ actor, level, message, data }) => {
    const isLoud = level === 'warn' || level === 'error'
    if (!isLoud && (quiet || (level === 'debug' && !output.verbose))) return
    const more = data === undefined ? '' : ` ${printable(data)}`
    const line = `${level === 'error' ? bad(level) : level === 'warn' ? warn(level) : faint(level)} ${name(inert(actor))} ${inert(message)}${more}`
    if (isLoud) output.warn(line)
    else output.note(line)
  })
  // Who is given up must be seen, and a loop of failures ends in that.
  system.on('quarantined', ({ offender, reason }) => {
    output.warn(`${bad('quarantined')} ${name(inert(offender))} ${errorText(reason)}`)
  })
  system.on('stopped', ({ actor, reason, error }) => {
    if (reason === 'gave-up') output.warn(`${bad('gave up on')} ${name(inert(actor))} ${errorText(error)}`)
  })
  system.on('failed', ({ offender, context, reason }) => {
    if (context === 'child') output.warn(`${bad('failed')} ${name(inert(offender))} ${errorText(reason)}`)
  })
  if (!output.verbose) return
  system.on('failed', ({ offender, context, reason, correlationId }) => {
    if (context === 'child') return
    output.note(
      `${bad('failed')} ${name(inert(offender))} ${errorText(reason)} ${faint(inert(correlationId))}`,
    )
  })
  system.on('directive', ({ supervisor, directive, affected }) => {
    output.note(`${warn(directive)} ${affected.map(inert).join(', ')} ${faint(`by ${inert(supervisor)}`)}`)
  })
}

function gaveUp(error: StoredError, place: string): HoldfastError {
  return new HoldfastError('HF_GAVE_UP', `The swarm gave up: ${error.message}`, {
    hint: `Everything up to here is in the log: holdfast journal --data ${place} --kind failed`,
  })
}

// The hook is the user's code: whatever code its error carries, the run has failed and was not misused.
function hookFailed(error: unknown): Error {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return new Error(`The swarm's ready hook failed with ${reason}`, { cause: error })
}
