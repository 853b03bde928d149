// Source actor
// ============
// A callback or an observable of a machine, as an actor of its own. It lives outside of the turns and forgets: nothing
// of it is recorded but the events that it sends to the machine, and after a crash or a restart it is begun anew.
//
//   outside, at any time --self.tell--> its own mailbox --turn--> the machine
//
// Invariants
//   O1  What it sends is a message like any other, also when it sends while a turn of some actor is under way.
//   O2  Its cleanup runs once, when it is stopped, whoever stops it.

import type { Context } from '../context.js'
import { actor, type ActorDefinition, type AnyHandlers } from '../definition.js'
import { HoldfastError } from '../errors.js'
import type { ActorRef } from '../ref.js'
import type { LogicKind } from './logic-kind.js'
import type { Common } from './machine-plan.js'
import type { ChildArgs } from './machine-state.js'
import { CHANGED, DONE, EVENT, nameOf, tellAny, tellLogic } from './messages.js'
import type { Fields } from './fields.js'
import type { Logic, MachineEvent } from './xstate.js'

const SENT = 'xstate.sent'
const NEXT = 'xstate.next'
const COMPLETED = 'xstate.completed'
const BROKE = 'xstate.broke'

type Listener = (event: MachineEvent) => void

interface SourceState extends ChildArgs {
  source: Source | null
}

/** The definition of a callback or an observable. `above` are the types that the machine takes as messages. */
export function sourceActor(
  name: string,
  kind: LogicKind,
  logic: Logic,
  above: ReadonlySet<string>,
  { version }: Common,
): ActorDefinition<unknown, ChildArgs, AnyHandlers> {
  const definition = actor({
    version,
    name,
    durable: false,
    // What it sends when nobody has room is a dead letter, and no error in code that nobody catches.
    mailbox: { overflow: 'drop-newest' },
    state: (args: ChildArgs): SourceState => ({ ...args, source: null }),
    async onStart(ctx) {
      const source = (ctx.state.source = new Source(ctx.self, ctx.state))
      await ctx.effect(name, () => {
        source.begin(kind, logic)
      })
    },
    onStop(ctx) {
      ctx.state.source?.end()
    },
    on: {
      [EVENT](ctx, event: MachineEvent) {
        ctx.state.source?.hear(event, (sent) => {
          tellLogic(ctx, ctx.parent, above, sent)
        })
      },
      [SENT](ctx, event: MachineEvent) {
        tellLogic(ctx, ctx.parent, above, event)
      },
      [NEXT](ctx, { value }: { value: unknown }) {
        if (ctx.state.sync === true) changed(ctx, value)
      },
      [COMPLETED](ctx) {
        tellAny(ctx, ctx.parent, DONE, { child: nameOf(ctx.self.path) })
        ctx.stop(ctx.self)
      },
      [BROKE](_ctx, { error }: { error: unknown }) {
        throw error
      },
    },
  })
  return definition as unknown as ActorDefinition<unknown, ChildArgs, AnyHandlers>
}

function changed(ctx: Context<SourceState>, context: unknown): void {
  const snapshot = { status: 'active', context }
  tellAny(ctx, ctx.parent, CHANGED, { child: nameOf(ctx.self.path), snapshot })
}

/** What runs outside of the turns. */
class Source {
  readonly #self: ActorRef
  readonly #args: ChildArgs
  readonly #listeners = new Set<Listener>()
  #cleanUp: (() => void) | undefined
  #isOver = false
  /** Sends in the turn that is under way, if it is one of its own (O1). */
  #inTurn: Listener | null = null

  constructor(self: ActorRef, args: ChildArgs) {
    this.#self = self
    this.#args = args
  }

  begin(kind: LogicKind, logic: Logic): void {
    const { id, input } = this.#args
    const nothing = (): void => undefined
    const given = {
      input,
      self: { id, sessionId: id, send: nothing },
      system: { get: nothing, getAll: () => ({}) },
      emit: nothing,
    }
    if (kind === 'callback') this.#call(logic.config as (args: Fields) => unknown, given)
    else this.#subscribe(kind, logic.config as (args: Fields) => Subscribable, given)
  }

  /** Hands an event on to those who listen; what they send at once goes through `send`. */
  hear(event: MachineEvent, send: Listener): void {
    this.#inTurn = send
    try {
      for (const listener of this.#listeners) listener(event)
    } finally {
      this.#inTurn = null
    }
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#listeners.clear()
    this.#cleanUp?.()
  }

  #call(callback: (args: Fields) => unknown, given: Fields): void {
    const sendBack = (event: MachineEvent): void => {
      if (this.#inTurn !== null) this.#inTurn(event)
      else this.#tell(SENT, event)
    }
    const receive = (listener: Listener): void => {
      this.#listeners.add(listener)
    }
    const cleanUp = callback({ ...given, sendBack, receive })
    if (typeof cleanUp === 'function') this.#cleanUp = cleanUp as () => void
  }

  #subscribe(kind: LogicKind, create: (args: Fields) => Subscribable, given: Fields): void {
    const subscription = create(given).subscribe({
      next: (value) => {
        if (kind === 'events') this.#tell(SENT, value)
        else this.#tell(NEXT, { value })
      },
      error: (error) => {
        this.#tell(BROKE, { error })
      },
      complete: () => {
        this.#tell(COMPLETED)
      },
    })
    this.#cleanUp = () => {
      subscription.unsubscribe()
    }
  }

  // One step later, because whoever called may be in a turn of another actor.
  #tell(type: string, payload?: unknown): void {
    void FREE.then(() => {
      if (this.#isOver) return
      try {
        this.#self.tell(type, payload)
      } catch (error) {
        // It is about to be ended with all the others.
        if (!(error instanceof HoldfastError && error.code === 'HF_SYSTEM_STOPPED')) throw error
      }
    })
  }
}

const FREE = Promise.resolve()

interface Subscribable {
  subscribe(observer: { next(value: unknown): void; error(error: unknown): void; complete(): void }): {
    unsubscribe(): void
  }
}
