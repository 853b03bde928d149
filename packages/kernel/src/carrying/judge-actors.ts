// Judge actors
// ============
// Judges what a file says of a few actors before anything is made of it. The file may be hostile: each field is held against
// a rule, and then all of it against each other: whoever is named must be there, and what waits must wait for one.
//
// Invariants
//   JA1  What is judged to be right can be made an image of, and a system can go on from that.
//   JA2  Everybody stands behind its parent, so there are no circles, and one of them has none: the root.
//   JA3  A message that is in the file is held by one actor, or gives a correlation its name.

import type { StoredActor, StoredLife } from '../checkpoint/stored-actor.js'
import type { ImagePart, StoredKeys, StoredSystem } from '../checkpoint/stored-image.js'
import { START, RESTART } from '../blueprint.js'
import { CARRIED_ACTORS_MAX, CARRIED_MESSAGES_MAX, PATH_DEPTH_MAX, TIMER_MS_MAX } from '../limits.js'
import { wasAskedFor, type MessageRecord } from '../records.js'
import { isActor, isFailed, isKeys, isSystem } from './actor-rules.js'

/** The heads of a message, as far as others are held against them. */
export type CarriedMessage = Pick<
  MessageRecord,
  'position' | 'actor' | 'sender' | 'type' | 'correlation' | 'correlationName'
> & {
  /** It carries something. */
  readonly hasPayload: boolean
}

/** Something in a file is not right. */
class Wrong extends Error {}

interface Judged {
  readonly id: number
  readonly path: string
  readonly depth: number
  readonly names: Set<string>
  readonly turns: number
  readonly isVirtual: boolean
  /** Somebody may live below it. */
  readonly mayHaveChildren: boolean
}

/** Judges the actors of one file, in the order in which they stand in it. Each step gives what is wrong, or nothing. */
export class ActorsJudge {
  readonly parts: ImagePart[] = []
  readonly #position: number
  readonly #lastMs: number
  readonly #lastActor: number
  readonly #messages = new Map<number, CarriedMessage>()
  readonly #held = new Set<number>()
  readonly #failed = new Map<number, { readonly actor: number; readonly message: number }>()
  #system: StoredSystem | undefined
  readonly #actors = new Map<number, Judged>()
  /** Virtual actors by id: their homes, their keys, and the turns of those that sleep. */
  readonly #known = new Map<number, { readonly home: number; readonly key: string; readonly turns: number }>()
  readonly #homes = new Map<number, Set<string>>()
  readonly #life: { readonly id: number; readonly life: StoredLife }[] = []
  readonly #states = new Set<number>()

  constructor(position: number, lastMs: number, lastActor: number) {
    this.#position = position
    this.#lastMs = lastMs
    this.#lastActor = lastActor
  }

  /** Paths of the actors. */
  get paths(): string[] {
    const asleep = [...this.#known]
      .filter(([id]) => !this.#actors.has(id))
      .map(([, { home, key }]) => `${this.#actors.get(home)!.path}/${key}`)
    return [...[...this.#actors.values()].map(({ path }) => path), ...asleep]
  }

  message(message: CarriedMessage): string | undefined {
    return judged(() => {
      holds(message.position <= this.#position, 'a message is ahead of its position')
      holds(message.sender <= this.#lastActor, 'a message has a sender that was never there')
      this.#messages.set(message.position, message)
      holds(this.#messages.size <= 2 * CARRIED_MESSAGES_MAX, 'it has more messages than any can have')
    })
  }

  failure(position: number, actor: number, message: number, data: unknown): string | undefined {
    return judged(() => {
      holds(isFailed(data), 'a failure is none that this version knows')
      this.#failed.set(position, { actor, message })
      holds(this.#failed.size <= CARRIED_MESSAGES_MAX, 'it has more failures than any can have')
    })
  }

  system(value: unknown): string | undefined {
    return judged(() => {
      holds(this.#system === undefined && isSystem(value), 'what it says of the system is not right')
      const system = value as StoredSystem
      const { lastPosition, lastMs, lastActor, records, opened, grants } = system
      const isAsSaid =
        lastPosition === this.#position && lastMs === this.#lastMs && lastActor === this.#lastActor
      holds(isAsSaid && records === lastPosition, 'its system is not the one of its header')
      holds((opened?.position ?? 0) <= lastPosition, 'its last run is ahead of its position')
      holds(
        grants.every(({ position }) => position <= lastPosition),
        'a restart is ahead of its position',
      )
      this.#system = system
      this.parts.push({ system })
    })
  }

  keys(value: unknown): string | undefined {
    return judged(() => {
      holds(this.#system !== undefined && this.#actors.size === 0 && isKeys(value), 'its keys are not right')
      const { home, keys, ids, turns } = value as StoredKeys
      holds(keys.length === ids.length && keys.length === turns.length, 'its keys are not right')
      const names = this.#homes.get(home) ?? new Set()
      this.#homes.set(home, names)
      for (const [i, key] of keys.entries()) {
        const id = ids[i]!
        holds(this.#isId(id) && !this.#known.has(id), 'an id stands for two')
        holds(!names.has(key), 'a key is there twice')
        names.add(key)
        this.#known.set(id, { home, key, turns: turns[i]! })
      }
      holds(this.#known.size <= CARRIED_ACTORS_MAX, 'it has more actors than any can have')
      this.parts.push({ keys: value as StoredKeys })
    })
  }

  // JA2
  actor(value: unknown): string | undefined {
    return judged(() => {
      holds(this.#system !== undefined && isActor(value), 'an actor is none that this version knows')
      const stored = value as StoredActor
      const { id, bornAt, born, life, isAsleep = false } = stored
      const above = this.#actors.get(born.parent)
      holds(this.#isId(id) && !this.#actors.has(id) && id !== born.parent, 'an id stands for two')
      holds(bornAt >= 1 && bornAt <= this.#position, 'an actor is born ahead of its position')
      holds(
        (above === undefined) === (this.#actors.size === 0 && born.parent === 0),
        'an actor has no parent',
      )
      holds(above === undefined || !above.names.has(born.name), 'two actors have one name')
      holds(above?.mayHaveChildren !== false, 'an actor lives below one that sleeps, or keeps nothing')
      above?.names.add(born.name)
      const depth = (above?.depth ?? 0) + 1
      holds(depth <= PATH_DEPTH_MAX, 'an actor lives too deep')
      const isVirtual = born.virtual === true
      this.#checkKnown(stored, isVirtual)
      const comesBack = born.restart === 'permanent' && wasAskedFor(life.stopped ?? null)
      holds(
        isAsleep || life.stopped === undefined || born.fixed === true || comesBack,
        'an actor that has ended is there',
      )
      const path = `${above?.path ?? ''}/${born.name}`
      const mayHaveChildren = !isAsleep && born.durable !== false
      const turns = life.turns ?? 0
      this.#actors.set(id, { id, path, depth, names: new Set(), turns, isVirtual, mayHaveChildren })
      holds(this.#actors.size <= CARRIED_ACTORS_MAX, 'it has more actors than any can have')
      this.#life.push({ id, life })
      this.#checkMail(id, life, born.durable === false)
      const last = this.parts.at(-1)?.actors
      if (last !== undefined && last.length < 256) (last as StoredActor[]).push(stored)
      else this.parts.push({ actors: [stored] })
    })
  }

  state(actor: number, turns: number): string | undefined {
    return judged(() => {
      const had = this.#actors.get(actor)
      const known = this.#known.get(actor)
      holds(had !== undefined || known !== undefined, 'there is a state of nobody')
      holds(!this.#states.has(actor), 'an actor has two states')
      // Of a virtual actor that is awake, its home says how many it had when it was last asleep, if it knows.
      const said = had === undefined ? known!.turns : had.isVirtual ? 0 : had.turns
      holds(
        turns >= 1 && (turns === said || (said === 0 && known !== undefined)),
        'a state is not of its last turn',
      )
      this.#states.add(actor)
    })
  }

  /** All was said. */
  end(): string | undefined {
    return judged(() => {
      holds(this.#actors.size > 0, 'it has no root')
      for (const home of this.#homes.keys()) holds(this.#actors.has(home), 'it has keys of nobody')
      for (const { id, life } of this.#life) this.#checkOthers(id, life)
      this.#checkParked()
      for (const message of this.#messages.values()) this.#checkHeld(message)
    })
  }

  #isId(id: number): boolean {
    return id >= 1 && id <= this.#lastActor
  }

  #checkKnown({ id, born, isAsleep = false }: StoredActor, isVirtual: boolean): void {
    const known = this.#known.get(id)
    const isAsKnown = known?.home === born.parent && known.key === born.name
    holds(
      isVirtual ? isAsKnown : known === undefined && !isAsleep,
      'a virtual actor is not known to its home',
    )
  }

  // JA3
  #hold(actor: number, position: number): CarriedMessage {
    const message = this.#messages.get(position)
    holds(message?.actor === actor, 'a message that waits is not there')
    holds(!this.#held.has(position), 'a message waits twice')
    this.#held.add(position)
    holds(this.#held.size <= CARRIED_MESSAGES_MAX, 'it has more messages than any can have')
    return message
  }

  #checkMail(id: number, life: StoredLife, isVolatile: boolean): void {
    const { pending = [], stash, ticks = [], notices = [], start = 0, attemptOf = 0, timers = [] } = life
    holds(!isVolatile || (pending.length === 0 && stash === undefined), 'a volatile actor has mail')
    let last = 0
    for (const position of pending) {
      holds(position > last, 'what waits is not in order')
      last = position
      this.#hold(id, position)
    }
    for (const position of stash?.messages ?? []) this.#hold(id, position)
    const waits = new Set([...pending, ...(stash?.messages ?? [])])
    const isWaiting = (position: number): boolean => waits.has(position)
    const handled = stash?.handled ?? []
    holds(
      handled.every(([position]) => isWaiting(position)),
      'something was put aside that does not wait',
    )
    const counted = new Set(handled.map(([position]) => position))
    holds(
      (stash?.messages ?? []).every((position) => counted.has(position)),
      'nobody counted how often a message was put aside',
    )
    for (const [position] of [...ticks, ...notices]) holds(isWaiting(position), 'a mark is on no message')
    holds(attemptOf === 0 || isWaiting(attemptOf), 'an attempt is at no message')
    if (start !== 0) {
      const { type = '' } = this.#messages.get(start) ?? {}
      holds(isWaiting(start) && (type === START || type === RESTART), 'a start is none')
    }
    holds(new Set(timers.map(({ key }) => key)).size === timers.length, 'a timer is there twice')
    const latest = this.#lastMs + 2 * TIMER_MS_MAX
    holds(
      timers.every(({ dueMs }) => dueMs <= latest),
      'a timer is set for later than any can be',
    )
  }

  #checkOthers(id: number, life: StoredLife): void {
    const { watching = [], dependsOn = [], failures = [], grants = [], ownGrants = [], outAt = 0 } = life
    const others = [...watching.map(([other]) => other), ...dependsOn]
    holds(
      others.every((other) => this.#actors.has(other)),
      'an actor watches one that is not there',
    )
    holds(
      new Set(dependsOn).size === dependsOn.length && !dependsOn.includes(id),
      'an actor depends on itself',
    )
    const places = [...failures, ...grants, ...ownGrants].map(({ position }) => position)
    holds(
      [...places, outAt].every((position) => position <= this.#position),
      'a failure is ahead of its position',
    )
  }

  #checkParked(): void {
    const failures = new Set(this.#failed.keys())
    for (const { position, failedAt, actor } of this.#system!.parked) {
      holds(this.#actors.has(actor) || this.#known.has(actor), 'a message is parked of nobody')
      this.#hold(actor, position)
      const failed = this.#failed.get(failedAt)
      holds(
        failed?.actor === actor && failed.message === position && failures.delete(failedAt),
        'a parked message has not failed',
      )
    }
    holds(failures.size === 0, 'it has a failure of nothing')
  }

  #checkHeld({ position, correlation, correlationName, hasPayload }: CarriedMessage): void {
    const isRoot = correlation === position
    holds(
      correlationName === undefined || isRoot,
      'a name is on a message that does not begin its correlation',
    )
    if (this.#held.has(position)) return
    holds(isRoot && correlationName !== undefined && !hasPayload, 'a message waits for nobody')
  }
}

function judged(look: () => void): string | undefined {
  try {
    look()
    return undefined
  } catch (error) {
    if (error instanceof Wrong) return error.message
    throw error
  }
}

function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Wrong(what)
}
