// The messages that were given up, as the log tells: those that a running system lists, or would list when it is opened.

import { parkedMessage, type ParkedMessage } from '@holdfast/kernel'
import type { Journal } from '@holdfast/journal'
import { evidenceOf } from '@holdfast/replay'
import { dataToRead, shownPath } from '../data-directory.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count, grouped, timeText } from '../figures.js'
import { inert } from '../inert.js'
import { jsonValue } from '../json-value.js'
import { noSuchActor } from '../no-such-actor.js'
import { imageOf, withData } from '../open-data.js'
import type { Paint } from '../paint.js'
import { printable } from '../printable.js'
import { RecordNames } from '../record-names.js'
import { errorText } from '../record-text.js'
import type { Command, DataOption } from './command.js'

/** Options of `parked`. */
export interface ParkedCommandOptions extends DataOption {
  readonly actor?: string
  readonly limit: number
}

/** `holdfast parked`: the messages that were given up. */
export async function parked(
  options: ParkedCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const dir = dataToRead(options.data, terminal)
  return withData(dir, terminal, async ({ journal }) => {
    const all = [...chosen(journal, options.actor)]
    const shown = all.slice(0, options.limit)
    if (output.json) {
      await output.document('parked', { data: dir, count: all.length, list: shown.map(parkedJson) })
      return EXIT.ok
    }
    const { paint } = output
    await output.line(`${paint.strong(shownPath(dir, terminal.cwd))}  ${count(all.length, 'parked message')}`)
    for (const message of shown) for (const line of parkedLines(message, paint)) await output.line(line)
    if (all.length > shown.length)
      output.note(`${grouped(all.length - shown.length)} more; --limit all shows them.`)
    return EXIT.ok
  })
}

function* chosen(journal: Journal, actor: string | undefined): Generator<ParkedMessage> {
  const names = new RecordNames(evidenceOf(journal))
  if (actor !== undefined && names.idsAt(actor).length === 0) throw noSuchActor(actor, names.paths())
  for (const entry of imageOf(journal).parked.values()) {
    const path = names.path(entry.actor)
    const message = actor === undefined || actor === path ? parkedMessage(journal, entry, path) : undefined
    if (message !== undefined) yield message
  }
}

function parkedJson(message: ParkedMessage): object {
  const { position, actor, type, atMs, correlationId, attempts, error } = message
  const { name, code, message: text } = error
  const payload = message.payload()
  return {
    position,
    actor,
    type,
    time: timeText(atMs),
    correlation: correlationId,
    attempts,
    error: { name, ...(code === undefined ? {} : { code }), message: text },
    ...(payload === undefined ? {} : { payload: jsonValue(payload) }),
  }
}

/** A parked message as lines. */
export function parkedLines(message: ParkedMessage, paint: Paint): string[] {
  const { position, actor, type, atMs, correlationId, attempts, error } = message
  const payload = message.payload()
  const carried = payload === undefined ? '' : ` ${printable(payload)}`
  const tried = `after ${count(attempts, 'attempt')}, ${timeText(atMs)}, correlation ${inert(correlationId)}`
  return [
    `${paint.strong(String(position))}  ${paint.name(inert(actor))}  ${inert(type)}${carried}`,
    `    ${paint.bad(errorText(error))} ${paint.faint(tried)}`,
  ]
}
