// A random swarm lives through its script, and then one of the handlers that have run is changed at random. Where the
// changed code comes to something else, the replay of the log names the very turn that did so first.

import fc from 'fast-check'
import { Incident, replay, type IncidentName } from 'holdfast/replay'
import { expect, it } from 'vitest'
import { firstOtherwise } from './first-otherwise.js'
import {
  asRecorded,
  changedOps,
  handlerChanges,
  handlersRun,
  withHandler,
  type Handler,
  type HandlerChange,
} from './handler-changes.js'
import { swarms, type Op, type Swarm } from './random-swarms.js'
import { isWaiting } from './swarm-programs.js'
import { triesOf } from '../tries.js'
import { definitionsOf, Nothing, SwarmRun, written, type Code } from './swarm-world.js'
import { Trace, type TracedTurn } from './traces.js'

/** What was found of all swarms together. */
const found = { swarms: 0, otherwise: 0 }

/** A swarm with one handler changed, and the log that it left before. */
class Changed {
  readonly #swarm: Swarm
  readonly #handler: Handler
  readonly #ops: readonly Op[]
  readonly #waits: boolean
  readonly #run: SwarmRun
  readonly as: Trace

  private constructor(swarm: Swarm, handler: Handler, ops: readonly Op[], run: SwarmRun) {
    this.#swarm = swarm
    this.#handler = handler
    this.#ops = ops
    this.#waits = hasWait(ops) || hasWait(opsOf(swarm, handler))
    this.#run = run
    this.as = new Trace(run.world.records())
  }

  /** Lives through the script of a swarm. @returns nothing when no handler has run */
  static async of(swarm: Swarm, change: HandlerChange): Promise<Changed | undefined> {
    let run = new SwarmRun(swarm)
    await run.run()
    const handlers = handlersRun(run.world.records())
    const handler = handlers[change.handler % handlers.length]
    if (handler === undefined) return undefined
    const ops = changedOps(swarm, handler, change)
    const changed = new Changed(swarm, handler, ops, run)
    if (changed.#waits === hasWait(opsOf(swarm, handler))) return changed
    run = new SwarmRun(swarm, changed.#patient(written(swarm)))
    await run.run()
    return new Changed(swarm, handler, ops, run)
  }

  // A handler that waits for nothing still ends a little later than one that does not wait. So that only what it does
  // makes a difference between two runs, it waits in both when it does in one; the log tells nothing of that.
  #patient(code: Code): Code {
    return (kind, name, turn) => {
      const program = code(kind, name, turn)
      const isOurs = kind === this.#handler.kind && name === this.#handler.name
      return isOurs ? { ...program, waits: this.#waits } : program
    }
  }

  /** The first turn, of those that a replay runs, that comes out otherwise. */
  truth(among: (turn: TracedTurn) => boolean): Promise<TracedTurn | undefined> {
    const turns = [...this.as.turns.values()].filter((turn) => turn.end !== 0 && among(turn))
    return firstOtherwise(this.as, new Set(turns.map(({ key }) => key)), async (isChanged) => {
      const code = withHandler(this.#swarm, this.#handler, asRecorded(this.#ops), isChanged)
      const again = new SwarmRun(this.#swarm, this.#patient(code), this.#run)
      await again.run()
      return new Trace(again.world.records())
    })
  }

  incident(name: IncidentName): Incident {
    return new Incident(this.#run.world.journal, name)
  }

  /** Replays an incident with the changed code, and holds what it finds against the truth. */
  async check(incident: Incident, truth: TracedTurn | undefined): Promise<void> {
    const outside = new Nothing()
    const code = withHandler(this.#swarm, this.#handler, this.#ops)
    const report = await replay(incident, { swarm: definitionsOf(this.#swarm, outside, code) })
    const { divergences, firstCause } = report
    const changed = `${JSON.stringify(this.#handler)} ${JSON.stringify(this.#ops)} in ${incident.correlation}`
    const named = [firstCause, divergences[0]].map((each) => each && [each.position, each.actor])
    const wanted = truth && [truth.end, truth.path]
    expect(named, `${changed}: ${firstCause?.what}`).toEqual([wanted, wanted])
    expect(report.identical).toBe(truth === undefined)
    expect(outside.reached, 'effects that a replay has done').toBe(0)
  }
}

function opsOf({ kinds }: Swarm, { kind, name }: Handler): readonly Op[] {
  return kinds[kind]!.on[name] ?? []
}

function hasWait(ops: readonly Op[]): boolean {
  return ops.some(isWaiting)
}

async function lived([swarm, change]: readonly [Swarm, HandlerChange]): Promise<void> {
  const changed = await Changed.of(swarm, change)
  if (changed === undefined) return
  found.swarms++
  const first = await changed.truth(() => true)
  const whole = changed.incident({ from: 1, to: Math.max(1, changed.as.records.length) })
  await changed.check(whole, first)
  if (first === undefined) return
  found.otherwise++
  if (first.correlation === 0) return
  const incident = changed.incident(String(first.correlation))
  const actors = new Map(incident.slice.actors.map((actor) => [actor.id, actor]))
  // A replay begins with snapshots of the recorded code. Where it does, a state that had been made another one in
  // secret before is the recorded one again, so that the truth is that of the turns behind the snapshots.
  const isWhole = incident.slice.actors.every(({ from }) => from === 0)
  const isReplayed = ({ actor, end }: TracedTurn): boolean => {
    const span = actors.get(actor)
    return span !== undefined && end > span.from && end <= span.until
  }
  await changed.check(incident, isWhole ? first : await changed.truth(isReplayed))
}

it('whatever handler is changed, a replay names the first turn that comes out otherwise', async () => {
  const runs = triesOf(1_000)
  await fc.assert(fc.asyncProperty(fc.tuple(swarms, handlerChanges), lived), { numRuns: runs })
  // Changes that come to nothing prove little.
  if (runs > 100) expect(found.otherwise).toBeGreaterThan(found.swarms / 2)
}, 600_000)
