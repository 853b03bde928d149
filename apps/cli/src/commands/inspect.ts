import { inspectImage, type Inspection } from '@holdfast/kernel'
import { snapshotState, type ActorState } from '../actor-state.js'
import { dataToRead } from '../data-directory.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count, span, timeText } from '../figures.js'
import { inert } from '../inert.js'
import { jsonValue } from '../json-value.js'
import { noSuchActor } from '../no-such-actor.js'
import { imageOf, withData } from '../open-data.js'
import type { Paint } from '../paint.js'
import { printableBlock } from '../printable.js'
import { errorText } from '../record-text.js'
import { statusText } from '../status-text.js'
import type { Command, DataOption } from './command.js'

/** `holdfast inspect <path>`: one actor in full. */
export async function inspect(
  path: string,
  options: DataOption,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const dir = dataToRead(options.data, terminal)
  return withData(dir, terminal, async ({ journal }) => {
    const image = imageOf(journal)
    const actor = image.at(path)
    if (actor === undefined)
      throw noSuchActor(
        path,
        [...image.actors.values()].map((each) => each.path),
      )
    const state = snapshotState(journal, actor)
    const { state: _, ...inspection } = inspectImage(image, actor, undefined, (id) =>
      journal.correlationName(id),
    )
    if (output.json)
      await output.document('inspect', { data: dir, actor: inspection, state: stateJson(state) })
    else for (const line of inspectLines(inspection, state, Date.now(), output.paint)) await output.line(line)
    return EXIT.ok
  })
}

function stateJson(known: ActorState): object {
  return 'state' in known ? { ...known, state: jsonValue(known.state) } : known
}

/** One actor as lines; `nowMs` is what timers are counted from. */
export function inspectLines(
  actor: Omit<Inspection, 'state'>,
  state: ActorState,
  nowMs: number,
  paint: Paint,
): string[] {
  const lines = [paint.name(inert(actor.path))]
  const row = (label: string, text: string): void => {
    lines.push(`  ${paint.faint(label.padEnd(LABEL_WIDTH))}${text}`)
  }
  const { restarts, incarnation, turns, mailbox, waiting, stashed, stopped, quarantined } = actor
  row('definition', `${inert(actor.definition)}${actor.durable ? '' : ', volatile'}`)
  const why =
    quarantined !== undefined ? `: ${errorText(quarantined)}` : stopped === undefined ? '' : `: ${stopped}`
  row('status', statusText(actor.status, paint) + why)
  row('life', `incarnation ${incarnation}, ${count(restarts, 'restart')}, ${count(turns, 'turn')}`)
  row('mailbox', mailboxText(mailbox, waiting))
  if (stashed > 0) row('stash', `${count(stashed, 'message')} put aside`)
  if (actor.children.length > 0) row('children', listText(actor.children))
  for (const { key, dueMs, everyMs } of actor.timers.slice(0, LISTED)) {
    const due = dueMs <= nowMs ? `due since ${span(nowMs - dueMs)}` : `due in ${span(dueMs - nowMs)}`
    row('timer', `${inert(key)} ${due}${everyMs > 0 ? `, every ${span(everyMs)}` : ''}`)
  }
  for (const { position, atMs, correlationId, error } of actor.failures) {
    const of = correlationId === '' ? '' : ` of ${inert(correlationId)}`
    row(
      'failure',
      `${paint.bad(errorText(error))} ${paint.faint(`at message ${position}${of}, ${timeText(atMs)}`)}`,
    )
  }
  row('state', stateText(state, paint))
  if ('state' in state)
    lines.push(
      ...printableBlock(state.state)
        .split('\n')
        .map((line) => `    ${line}`),
    )
  return lines
}

function mailboxText(mailbox: number, waiting: readonly string[]): string {
  if (mailbox === 0) return 'empty'
  return `${count(mailbox, 'message')} ${mailbox === 1 ? 'waits' : 'wait'}: ${listText(waiting, mailbox)}`
}

function stateText(state: ActorState, paint: Paint): string {
  if (state.source === 'fold') return 'as it is now'
  if (state.source === 'none')
    return paint.faint(`no snapshot yet, ${count(state.turnsSince, 'turn')} since the start`)
  const behind = state.turnsSince === 0 ? 'no turns since' : `${count(state.turnsSince, 'turn')} since`
  return `snapshot at position ${state.position}, ${behind}`
}

function listText(names: readonly string[], all = names.length): string {
  const shown = names.slice(0, LISTED).map(inert).join(', ')
  return all > LISTED ? `${shown}, … ${all - LISTED} more` : shown
}

const LABEL_WIDTH = 12
const LISTED = 20
