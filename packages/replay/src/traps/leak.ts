import { HoldfastError } from '@holdfast/kernel'

/** What a handler reached for. */
export type LeakKind = 'clock' | 'chance' | 'timer' | 'network' | 'process' | 'file'

/** Where in the code something stands. */
export interface Site {
  /** Path of the file, of the source when Node maps it; `undefined` when the stack names none. */
  readonly file: string | undefined
  readonly line: number
  readonly column: number
}

/** Something that a handler did past `ctx`. */
export interface Leak extends Site {
  /** What was called, such as `Date.now`. */
  readonly what: string
  readonly kind: LeakKind
  /** Path of the actor; empty outside of a turn. */
  readonly actor: string
  /** Position of the message in hand; 0 outside of a turn. */
  readonly position: number
  /** Type of the message in hand, or what else of the definition was running. */
  readonly message: string
}

/** Kinds whose deeds stay: they are never let through, also where a clock would be given another time. */
export const LASTING: ReadonlySet<LeakKind> = new Set(['network', 'process', 'file'])

const HINTS: Readonly<Record<LeakKind, string>> = {
  clock: 'Use ctx.now(): it is the time in the log.',
  chance: 'Use ctx.random() or ctx.id(); for a secret, an effect.',
  timer: 'Use ctx.schedule(), or wait inside an effect.',
  network: 'Do it in ctx.effect(): its result is recorded.',
  process: 'Do it in ctx.effect(): its result is recorded.',
  file: 'Do it in ctx.effect(): its result is recorded.',
}

/** The refusal of a leak; it says who, what and where. */
export function leakError(leak: Leak, hint = HINTS[leak.kind]): HoldfastError {
  const { kind, actor, message } = leak
  const who = actor === '' ? message : `${actor} in "${message}"`
  return new HoldfastError('HF_LEAK', `${who} ${leakText(leak)}.`, {
    actor: actor === '' ? undefined : actor,
    detail: kind,
    hint,
  })
}

/** What leaked and where, as the rest of a sentence. */
export function leakText(leak: Leak): string {
  return `calls ${leak.what} past ctx${siteText(leak)}`
}

/** A site for people, or nothing when it is not known. */
function siteText({ file, line, column }: Site): string {
  return file === undefined ? '' : `, at ${file}:${line}:${column}`
}
