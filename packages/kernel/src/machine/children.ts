// Children
// ========
// The children of one machine, in one turn: what a transition has spawned is born, what it has stopped is stopped, and
// what its code has in hand of them is turned into what may be kept and told.
//
// Invariants
//   C1  Whoever was spawned and stopped within one transition is never born.
//   C2  A child's name is never given again, so that what an old child says is never taken for a new one's.
//   C3  What lies in the mailbox of a machine that is stopped is handled before it ends; a promise is given up at once.

import { HoldfastError, refuse } from '../errors.js'
import { NAME_LENGTH_MAX } from '../limits.js'
import type { AnyRef } from '../ref.js'
import { isFields } from './fields.js'
import type { ChildLogic, MachinePlan, MachineTurn } from './machine-plan.js'
import type { ChildArgs, Draft, MachineChild } from './machine-state.js'
import { ENDED, REVIVE, RUN, SETTLED, tellAny } from './messages.js'
import { isMachineRef, isRefMark, MachineRef, replaced, type Place, type RefOwner } from './refs.js'
import { isMadeActor, type MachineAction, type MadeActor } from './xstate.js'

/** The children of one machine, in one turn. */
export class Children {
  readonly #owner: RefOwner
  readonly #plan: MachinePlan
  readonly #ctx: MachineTurn
  readonly #draft: Draft
  /** Refs of those that are born in this turn: there is nobody at their paths before it ends. */
  readonly #newborn = new Map<string, AnyRef>()
  /** What XState made for those that are born. */
  readonly #made = new Map<MadeActor, MachineChild>()

  constructor(owner: RefOwner, plan: MachinePlan, ctx: MachineTurn, draft: Draft) {
    this.#owner = owner
    this.#plan = plan
    this.#ctx = ctx
    this.#draft = draft
  }

  /** What a transition finds as the children of its snapshot. */
  refs(): Record<string, MachineRef> {
    const refs = Object.entries(this.#draft.children).map(([id, child]) => [id, this.#refOf(id, child)])
    return Object.fromEntries(refs) as Record<string, MachineRef>
  }

  /** The child of a name, with its id. */
  named(name: string): readonly [id: string, child: MachineChild] | undefined {
    return Object.entries(this.#draft.children).find(([, child]) => child.name === name)
  }

  /** Where the child is that somebody knows by its number. */
  placeAt(nth: number): Place {
    const child = Object.values(this.#draft.children).find((each) => each.nth === nth)
    return child === undefined ? { kind: 'gone' } : { kind: 'child', child }
  }

  /** Changes what is known of a child. */
  mark(id: string, child: MachineChild): void {
    this.#draft.children[id] = child
  }

  /** Where somebody is that code of the machine has named. */
  placeOf(found: unknown): Place {
    if (found instanceof MachineRef) return found.place
    if (isFields(found) && isMadeActor(found)) {
      const child = this.#made.get(found)
      return child === undefined ? { kind: 'gone' } : { kind: 'child', child }
    }
    if (isFields(found) && typeof found['path'] === 'string')
      return { kind: 'ref', ref: found as unknown as AnyRef }
    return refuse('sendTo', found, 'a child, the parent or a ref', this.#ctx.self.path)
  }

  /** The ref of a child. */
  addressOf({ name }: MachineChild): AnyRef {
    return this.#newborn.get(name) ?? this.#ctx.ref(`${this.#ctx.self.path}/${name}`)
  }

  /** The logic that a child runs. */
  logicOf({ src }: MachineChild): ChildLogic {
    return (
      this.#plan.logics.get(src) ??
      refuse(`actors.${src}`, undefined, `a logic of the machine "${this.#plan.name}"`, this.#ctx.self.path)
    )
  }

  /** Gives birth to what a transition has spawned and not stopped again (C1). */
  adopt(after: Readonly<Record<string, unknown>>, actions: readonly MachineAction[]): void {
    const made = new Set<MadeActor>()
    const add = (found: unknown): void => {
      if (isFields(found) && !(found instanceof MachineRef) && isMadeActor(found)) made.add(found)
    }
    for (const { type, params } of actions) {
      if (type !== 'xstate.spawnChild') continue
      const { actorRef, src } = params as Born
      // XState makes none of a name that it does not know, and goes on.
      if (actorRef === undefined)
        refuse('spawn.src', src, `a logic of the machine "${this.#plan.name}"`, this.#ctx.self.path)
      add(actorRef)
    }
    Object.values(after).forEach(add)
    for (const { type, params } of actions) if (type === 'xstate.stopChild') made.delete(params as MadeActor)
    for (const each of made) this.#bear(each)
  }

  /** Stops a child that its machine has let go. */
  stop(found: unknown): void {
    if (found === undefined) return
    const place = this.placeOf(found)
    if (place.kind !== 'child') return
    const known = this.named(place.child.name)
    // Another one of its id has taken its place already.
    if (known === undefined) return
    delete this.#draft.children[known[0]]
    this.#end(place.child)
  }

  /**
   * Starts the children of a new life: those of the one before went with it, and what they had done stays done. A
   * promise waits for what is in the mailbox, because its result may be there.
   */
  revive(): void {
    for (const [id, child] of Object.entries(this.#draft.children)) {
      if (child.status === 'done') tellAny(this.#ctx, this.#ctx.self, SETTLED, { child: child.name })
      if (child.status !== 'live') continue
      if (this.logicOf(child).kind === 'promise')
        tellAny(this.#ctx, this.#ctx.self, REVIVE, { child: child.name })
      else this.#start(id, child)
    }
  }

  /** Starts a child of the life before. */
  restart(name: string): void {
    const known = this.named(name)
    if (known?.[1].status === 'live') this.#start(known[0], known[1])
  }

  /** A value as it may be told: refs of Holdfast for those of XState. */
  told(value: unknown): unknown {
    return replaced(value, (found) => {
      if (!isMachineRef(found)) return undefined
      const place = this.placeOf(found)
      if (place.kind === 'child') return this.addressOf(place.child)
      return this.#outer(place) ?? this.#ctx.ref(`${this.#ctx.self.path}/${found.id}`)
    })
  }

  /** A context as it is kept: marks for its own children. */
  kept(context: unknown): unknown {
    return replaced(context, (found) => {
      if (!isMachineRef(found)) return undefined
      const place = this.placeOf(found)
      const nth = place.kind === 'child' ? place.child.nth : 0
      return this.#outer(place) ?? { xstate$$type: 1, id: found.id, nth }
    })
  }

  /** A context as code of the machine knows it: refs for the marks. */
  restored(context: unknown): unknown {
    return replaced(context, (found) => {
      if (!isRefMark(found)) return undefined
      const child = this.#draft.children[found.id]
      if (child?.nth === found.nth) return this.#refOf(found.id, child)
      return new MachineRef(this.#owner, found.id, { kind: 'gone' })
    })
  }

  #outer({ kind }: Place): AnyRef | undefined {
    return kind === 'self' ? this.#ctx.self : kind === 'parent' ? this.#ctx.parent : undefined
  }

  #refOf(id: string, child: MachineChild): MachineRef {
    return new MachineRef(this.#owner, id, { kind: 'child', child })
  }

  #bear(made: MadeActor): void {
    const { id, src, options } = made
    if (typeof src !== 'string') throw unnamed(this.#ctx.self.path, id)
    const before = this.#draft.children[id]
    // An id names one child: another one of that id takes the place of the first.
    if (before !== undefined) this.#end(before)
    const child: MachineChild = {
      src,
      nth: this.#draft.spawned + 1,
      name: '',
      status: 'live',
      ...(options.input === undefined ? {} : { input: this.told(options.input) }),
      ...(made._syncSnapshot === true ? { sync: true } : {}),
    }
    this.#made.set(made, this.#start(id, child))
  }

  #start(id: string, child: MachineChild): MachineChild {
    const { kind, definition } = this.logicOf(child)
    const name = nameFor(id, ++this.#draft.spawned)
    const { input, sync } = child
    const args: ChildArgs = {
      id,
      ...(input === undefined ? {} : { input }),
      ...(sync === true ? { sync } : {}),
    }
    const ref = this.#ctx.spawn(definition, { name, args, restart: 'temporary' })
    this.#ctx.watch(ref, ENDED)
    this.#newborn.set(name, ref)
    if (kind === 'promise') tellAny(this.#ctx, ref, RUN)
    return (this.#draft.children[id] = { ...child, name })
  }

  // C3. Nobody needs to hear of an end that the machine wanted.
  #end(child: MachineChild): void {
    if (child.status !== 'live') return
    const ref = this.addressOf(child)
    this.#ctx.unwatch(ref)
    const { kind } = this.logicOf(child)
    this.#ctx.stop(ref, kind === 'promise' ? 'kill' : 'drain')
  }
}

interface Born {
  readonly actorRef?: unknown
  readonly src?: unknown
}

function nameFor(id: string, count: number): string {
  const safe = id.replace(/[/\u0000-\u001f\u007f]/g, '|')
  return `${safe.slice(0, NAME_LENGTH_MAX - 20)}-${count}`
}

function unnamed(actor: string, id: string): HoldfastError {
  const message = `${actor} spawned "${id}" from a logic without a name, which recovery could not find again.`
  return new HoldfastError('HF_INVALID', message, {
    actor,
    field: 'spawn.src',
    hint: 'List the logic under `actors` of setup() and spawn it by that name.',
  })
}
