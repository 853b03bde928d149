// The messages of an errand on their way to a thread.

import type { Errand, ErrandMessage } from '@holdfast/kernel'
import type { ParcelReader, ParcelWriter } from './bytes.js'

const HAS_SENDER = 1
const IS_ASKED = 2
const BEGINS_AGAIN = 4

/** Writes the state of an errand, when it goes along, and its messages. @throws {HoldfastError} `HF_NOT_STORABLE` */
export function writeErrand(writer: ParcelWriter, { state, messages }: Errand): void {
  writer.byte(state === null ? 0 : 1)
  if (state !== null) writer.value(state.value)
  for (const message of messages) writeMessage(writer, message)
}

function writeMessage(writer: ParcelWriter, message: ErrandMessage): void {
  const { sender, isAsked, patched, attempt } = message
  writer.byte(
    (sender === undefined ? 0 : HAS_SENDER) |
      (isAsked ? IS_ASKED : 0) |
      (patched === undefined ? 0 : BEGINS_AGAIN),
  )
  writer.text(message.type)
  writer.number(message.position)
  writer.number(attempt)
  writer.number(message.timeMs)
  const named = String(message.position) === message.correlation ? '' : message.correlation
  writer.text(named)
  if (sender !== undefined) writer.text(sender)
  if (patched !== undefined) writer.value(patched)
  writer.value(message.payload)
}

/** Reads the state that goes along; `null` when the thread has it. */
export function readState(reader: ParcelReader): { readonly value: unknown } | null {
  return reader.byte() === 0 ? null : { value: reader.value() }
}

/** Reads the next message. */
export function readMessage(reader: ParcelReader): ErrandMessage {
  const flags = reader.byte()
  const type = reader.text()
  const position = reader.number()
  const attempt = reader.number()
  const timeMs = reader.number()
  const named = reader.text()
  const sender = (flags & HAS_SENDER) === 0 ? undefined : reader.text()
  const patched = (flags & BEGINS_AGAIN) === 0 ? undefined : (reader.value() as readonly string[])
  const payload = reader.value()
  const correlation = named === '' ? String(position) : named
  return {
    type,
    payload,
    position,
    attempt,
    sender,
    correlation,
    isAsked: (flags & IS_ASKED) !== 0,
    timeMs,
    patched,
  }
}
