// Replay steps
// ============
// A replay in somebody's hands: after each turn it says what the turn did and waits for the next word.

import { HoldfastError } from '@holdfast/kernel'
import type { Deed, Incident, Player, ReplayedTurn } from 'holdfast/replay'
import { inert } from '../inert.js'
import type { Paint } from '../paint.js'
import { printable, printableBlock } from '../printable.js'
import type { Command } from './command.js'
import { divergenceLines, turnLine } from './replay-text.js'

/** Where it begins, and how much is said of a difference. */
interface StepOptions {
  readonly to: number | undefined
  readonly isDiff: boolean
}

const HELP = [
  'Enter         the next turn',
  'b             one turn back',
  's <path>      the state of an actor',
  'g <position>  go to a position, forward or back',
  'c             go on to the end',
  'q             quit',
]

/** Leads a replay by what is typed, until it is quit or nothing more is typed. */
export async function stepThrough(
  player: Player,
  incident: Incident,
  { to, isDiff }: StepOptions,
  { terminal, output }: Command,
): Promise<void> {
  const { paint } = output
  const first = to === undefined ? await player.next() : (await player.run({ to })).turns.at(-1)
  for (const line of turnLines(player, first, paint, isDiff)) await output.line(line)
  for (;;) {
    await terminal.stderr.write(prompt(player))
    const typed = await terminal.stdin.line()
    if (typed === undefined || typed.trim() === 'q') return
    try {
      for (const line of await said(typed.trim(), player, incident, paint, isDiff)) await output.line(line)
    } catch (error) {
      // Whoever mistypes a path has not done with the replay.
      if (!(error instanceof HoldfastError)) throw error
      await output.line(`${paint.bad('error')} ${inert(error.message)}`)
    }
  }
}

function prompt(player: Player): string {
  const { ahead } = player
  return `${ahead === undefined ? 'at the end' : `next ${ahead}`}> `
}

async function said(
  typed: string,
  player: Player,
  incident: Incident,
  paint: Paint,
  isDiff: boolean,
): Promise<readonly string[]> {
  const [word = '', ...rest] = typed.split(/\s+/)
  const argument = rest.join(' ')
  if (word === '' || word === 'n') return turnLines(player, await player.next(), paint, isDiff)
  if (word === 'b') return turnLines(player, await player.back(), paint, isDiff)
  if (word === 'c') return turnLines(player, await goneTo(player, Infinity), paint, isDiff)
  if (word === 's') return stateLines(player, incident, argument, paint)
  if (word === 'g') {
    if (!/^\d{1,15}$/.test(argument)) return ['g takes a position, such as: g 42']
    return turnLines(player, await goneTo(player, Number(argument)), paint, isDiff)
  }
  return HELP
}

async function goneTo(player: Player, position: number): Promise<ReplayedTurn | undefined> {
  const before = player.done
  const report = position === Infinity ? await player.run() : await player.goTo(position)
  return player.done === 0 || player.done === before ? undefined : report.turns[player.done - 1]
}

function turnLines(player: Player, turn: ReplayedTurn | undefined, paint: Paint, isDiff: boolean): string[] {
  if (turn === undefined) return [paint.faint(placeText(player))]
  const divergences = player.report().divergences.filter(({ position }) => position === turn.position)
  return [
    turnLine(turn, paint),
    ...turn.told.map((deed) => `    ${deedText(deed, paint)}`),
    ...divergences.flatMap((each) => divergenceLines(each, paint, isDiff)).map((line) => `  ≠ ${line}`),
  ]
}

function placeText({ done, position, ahead }: Player): string {
  if (done === 0) return 'before the first turn'
  return ahead === undefined ? `at the end, after the turn at ${position}` : `after the turn at ${position}`
}

function deedText({ subject, target, type, value }: Deed, paint: Paint): string {
  const carried = value === undefined ? '' : ` ${printable(value, DEED_WIDTH)}`
  return `${paint.faint(subject)} ${inert(target)}${type === '' ? '' : `  ${inert(type)}`}${carried}`
}

function stateLines(player: Player, { slice }: Incident, path: string, paint: Paint): string[] {
  if (path === '')
    return ['s takes the path of an actor:', ...slice.actors.map((each) => `  ${inert(each.path)}`)]
  const state = player.state(path)
  return `${paint.name(inert(path))}  ${state === undefined ? 'no state' : printableBlock(state)}`.split('\n')
}

const DEED_WIDTH = 100
