// Refs as XState's code sees them: something with an id that can be sent to. They live as long as the turn; what is
// kept of one in the state is a mark, and what is told of one to others is a ref of Holdfast.

import type { AnyRef } from '../ref.js'
import { HoldfastError } from '../errors.js'
import { isFields, type Fields } from './fields.js'
import type { MachineContext } from './machine-plan.js'
import type { MachineChild } from './machine-state.js'
import { isMadeActor, type MadeActor, type MachineEvent } from './xstate.js'

/** Whom a ref is of. */
export type Place =
  | { readonly kind: 'self' | 'parent' | 'gone' }
  | { readonly kind: 'child'; readonly child: MachineChild }
  | { readonly kind: 'ref'; readonly ref: AnyRef }

/** The step of a machine that a ref was made for. */
export interface RefOwner {
  readonly ctx: MachineContext
  readonly system: Fields
  readonly above: MachineRef | undefined
  /** The snapshot before the step. */
  readonly before: unknown
  tell(to: unknown, event: MachineEvent): void
}

/** A ref of XState's kind. */
export class MachineRef {
  readonly id: string
  readonly place: Place
  readonly #owner: RefOwner

  constructor(owner: RefOwner, id: string, place: Place) {
    this.#owner = owner
    this.id = id
    this.place = place
  }

  get ref(): this {
    return this
  }

  get sessionId(): string {
    return this.id
  }

  get system(): Fields {
    return this.#owner.system
  }

  get _parent(): MachineRef | undefined {
    return this.place.kind === 'self' ? this.#owner.above : undefined
  }

  /** The `ctx` of the turn. */
  get ctx(): MachineContext {
    return this.#owner.ctx
  }

  send(event: MachineEvent): void {
    this.#owner.tell(this, event)
  }

  getSnapshot(): unknown {
    if (this.place.kind === 'self') return this.#owner.before
    return this.#refuse('getSnapshot', 'Have it send what it knows, or invoke it with onSnapshot.')
  }

  subscribe(): never {
    return this.#refuse('subscribe', 'Invoke it with onSnapshot, or watch it with ctx.watch.')
  }

  on(): never {
    return this.#refuse('on', 'Give machine() an onEmit that tells whoever wants to know.')
  }

  // A state of its own is all that an actor has: nobody else reads it or hears of it in passing.
  #refuse(what: string, hint: string): never {
    const path = this.#owner.ctx.self.path
    throw new HoldfastError(
      'HF_INVALID',
      `${path} used ${what} of "${this.id}", which has a state of its own.`,
      {
        actor: path,
        field: what,
        hint,
      },
    )
  }
}

/** What stands for a ref in the state. The field is the one that XState marks its refs with. */
export interface RefMark {
  readonly xstate$$type: 1
  readonly id: string
  /** Which child: others may have had the same id. */
  readonly nth: number
}

/** Whether something is the mark of a ref. */
export function isRefMark(value: object): value is RefMark {
  return 'xstate$$type' in value && value.xstate$$type === 1
}

/** Whether something is a ref of XState's kind, one that was just made or one of ours. */
export function isMachineRef(value: object): value is MachineRef | MadeActor {
  return value instanceof MachineRef || isMadeActor(value)
}

/** A value with some of the objects in it replaced. What holds none of them is given back as it is. */
export function replaced(value: unknown, replace: (found: object) => unknown): unknown {
  if (!isFields(value)) return value
  const other = replace(value)
  if (other !== undefined) return other
  if (Array.isArray(value)) {
    const items = value.map((item) => replaced(item, replace))
    return items.some((item, i) => item !== value[i]) ? items : value
  }
  if (!isPlain(value)) return value
  const fields = Object.entries(value).map(([key, field]) => [key, replaced(field, replace)] as const)
  return fields.some(([key, field]) => field !== value[key]) ? Object.fromEntries(fields) : value
}

/** A copy of the plain objects and arrays of a value, in full depth. */
export function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied)
  if (!isFields(value) || !isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, copied(field)]))
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as unknown
  return prototype === Object.prototype || prototype === null
}
