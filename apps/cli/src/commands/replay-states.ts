// The states of the actors of an incident, where a replay has stopped.

import type { Incident, Player, SliceActor } from 'holdfast/replay'
import { inert } from '../inert.js'
import { jsonValue } from '../json-value.js'
import { noSuchActor } from '../no-such-actor.js'
import type { Paint } from '../paint.js'
import { printableBlock } from '../printable.js'

/** The state of one actor. */
export interface ShownState {
  readonly path: string
  readonly definition: string
  readonly state: unknown
}

/** The actor of an incident at a path. @throws {HoldfastError} `HF_NO_SUCH_ACTOR` */
export function stateOf(incident: Incident, path: string): SliceActor {
  const { actors } = incident.slice
  const found = actors.find((each) => each.path === path)
  if (found === undefined)
    throw noSuchActor(
      path,
      actors.map((each) => each.path),
    )
  return found
}

/** The states of all actors of the slice, or of one of them. */
export function statesOf(incident: Incident, player: Player, only?: SliceActor): readonly ShownState[] {
  const actors = only === undefined ? incident.slice.actors : [only]
  const seen = new Set<string>()
  const states: ShownState[] = []
  for (const { path, born } of actors) {
    if (seen.has(path)) continue
    seen.add(path)
    states.push({ path, definition: born.definition, state: player.state(path) })
  }
  return states
}

/** States as lines. */
export function stateLines(states: readonly ShownState[], position: number, paint: Paint): string[] {
  const lines = states.flatMap(({ path, definition, state }) => {
    const text = state === undefined ? paint.faint('no state') : printableBlock(state)
    return `${paint.name(inert(path))} ${paint.faint(`(${inert(definition)})`)}  ${text}`.split('\n')
  })
  return [
    paint.strong(position === 0 ? 'before the first turn' : `after the turn at ${position}`),
    ...lines,
    '',
  ]
}

/** States for a document. */
export function statesJson(states: readonly ShownState[]): object[] {
  return states.map(({ path, definition, state }) => ({ path, definition, state: jsonValue(state) }))
}
