import { refuse } from '../errors.js'
import type { Kernel } from '../kernel.js'
import { STEER_TEXT_MAX } from '../limits.js'
import type { SteerCommand } from '../records.js'

/** Who gives a command, and why. */
export interface SteerOptions {
  /** Who gives it: a person, a program, a policy. */
  readonly by: string
  readonly reason?: string
}

/** What a command is about. */
export interface Subject {
  /** The actor, or 0 when the log does not know it. */
  readonly id: number
  readonly path: string
  /** The message that it concerns. */
  readonly message?: number
  readonly correlation?: number
}

/** Checks who gives a command, and why. @throws {HoldfastError} `HF_INVALID` with the field's name */
export function checkedOptions(options: SteerOptions): SteerOptions {
  const { by, reason } = (options ?? {}) as Partial<Record<keyof SteerOptions, unknown>>
  const wants = `a text of 1 to ${STEER_TEXT_MAX} characters`
  if (!isText(by) || by.trim() === '') refuse('by', by, wants)
  if (reason !== undefined && !isText(reason)) refuse('reason', reason, wants)
  return reason === undefined ? { by } : { by, reason }
}

/** Writes the record of a command. @returns its position */
export function writeCommand(
  kernel: Kernel,
  command: SteerCommand,
  { by, reason }: SteerOptions,
  { id, path, message = 0, correlation = 0 }: Subject,
): number {
  return kernel.log.record('steered', id, correlation, message, {
    command,
    by,
    ...(reason === undefined ? {} : { reason }),
    ...(message === 0 ? {} : { message }),
    // Of what a volatile actor spawned the log knows nothing but the path.
    ...(id === 0 ? { to: path } : {}),
  })
}

/** Tells whoever listens of a command. */
export function announceCommand(
  kernel: Kernel,
  command: SteerCommand,
  { by, reason = '' }: SteerOptions,
  { path, message = 0 }: Subject,
): void {
  if (kernel.events.has('steered'))
    kernel.events.emit('steered', { actor: path, command, by, reason, message })
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= STEER_TEXT_MAX
}
