// Stands around everything of the user that a rehearsal runs, volatile actors included: nothing of it leaves the process,
// and time and chance that go past `ctx` are the same each time.

import {
  revivedError,
  type Around,
  type Authorities,
  type StoredError,
  type TurnInHand,
} from '@holdfast/kernel'
import { Traps } from '../traps/traps.js'

/** The guard of one rehearsal. */
export class RehearsalGuard implements Around {
  readonly authorities: Authorities
  readonly #traps = Traps.install()
  readonly #nowMs: () => number
  readonly #standsBy: (path: string) => boolean
  readonly #stalled: ReadonlyMap<number, StoredError>

  /**
   * @param standsBy whether an actor has no part in the incident and only stands where it stood
   * @param stalled what failed because it stood still, by the position of its message: nothing would end it here
   */
  constructor(
    authorities: Authorities,
    standsBy: (path: string) => boolean,
    stalled: ReadonlyMap<number, StoredError>,
  ) {
    this.#standsBy = standsBy
    this.#stalled = stalled
    this.authorities = this.#traps.authorities(authorities)
    this.#nowMs = () => this.authorities.now()
  }

  // One that only stands by can be restarted with others. What it would do then, with a state that nobody has made, is no
  // part of the incident: a timer that its hook sets would go on with work of its own.
  handler: Around['handler'] = (_definition, type, run) => (ctx, payload) => {
    if (type.startsWith('$') && this.#standsBy(ctx.self.path)) return undefined
    const stall = this.#stalled.get(ctx.message.position)
    if (stall !== undefined) throw revivedError(stall)
    return this.#traps.run(this.#scopeOf(ctx), () => run(this.#traps.context(ctx), payload))
  }

  maker: Around['maker'] = (_definition, what, make) => (from) => {
    const scope = { mode: 'report' as const, actor: '', message: what, position: 0, now: this.#nowMs }
    return this.#traps.run(scope, () => make(from))
  }

  end(): void {
    this.#traps.uninstall()
  }

  #scopeOf(ctx: TurnInHand) {
    const { type, position } = ctx.message
    const { attempt } = ctx
    return {
      mode: 'report' as const,
      actor: ctx.self.path,
      message: type,
      position,
      attempt,
      now: this.#nowMs,
    }
  }
}
