// Who comes along when a few actors are taken out of a system: those at the paths that were given, all that is below them,
// and those above them, without whom they would have no place. A supervisor above them comes for its place alone: what
// waits for it stays. One that is an ordinary actor comes whole, because its state without its mail would be no state that
// it ever was in.

import { ActorImage } from '../actor-image.js'
import type { Blueprints } from '../blueprints.js'
import { HoldfastError, refuse } from '../errors.js'
import type { SystemImage } from '../image.js'
import { CARRIED_ACTORS_MAX } from '../limits.js'
import { splitPath } from '../path.js'

/** The actors that come along. */
export class ChosenActors {
  /** Those that the image has, by id. */
  readonly actors = new Map<number, ActorImage>()
  /** Virtual ones that sleep, by id. */
  readonly asleep = new Map<number, ActorImage>()
  /** Supervisors that come for their place alone. */
  readonly places = new Set<number>()
  readonly #image: SystemImage
  readonly #blueprints: Blueprints

  /** @throws {HoldfastError} `HF_INVALID`, `HF_NO_SUCH_ACTOR`, `HF_DEFINITION_MISSING` */
  constructor(image: SystemImage, blueprints: Blueprints, paths: readonly string[]) {
    this.#image = image
    this.#blueprints = blueprints
    const byPath = byPathOf(image)
    for (const path of paths) {
      splitPath(path)
      const found = byPath.get(path)
      if (found !== undefined) this.#withAllBelow(found)
      else if (!this.#sleeper(byPath, path)) throw nobody(path)
    }
    for (const actor of [...this.actors.values(), ...this.asleep.values()]) this.#withAllAbove(actor)
    for (const { definition, path } of this.all()) blueprints.named(definition, path)
  }

  /** All of them, those who sleep behind the others. */
  *all(): Generator<ActorImage> {
    // In the order of the image, in which everybody stands behind its parent.
    for (const actor of this.#image.actors.values()) if (this.actors.has(actor.id)) yield actor
    yield* this.asleep.values()
  }

  has(id: number): boolean {
    return this.actors.has(id) || this.asleep.has(id)
  }

  /** Whether an actor comes for its place alone. */
  isPlace(id: number): boolean {
    return this.places.has(id)
  }

  #add(to: Map<number, ActorImage>, actor: ActorImage): void {
    to.set(actor.id, actor)
    if (this.actors.size + this.asleep.size > CARRIED_ACTORS_MAX)
      refuse('actors', 'more of them', `at most ${CARRIED_ACTORS_MAX} actors; dump the whole system`)
  }

  #withAllBelow(actor: ActorImage): void {
    const due = [actor]
    for (let next = due.pop(); next !== undefined; next = due.pop()) {
      if (this.actors.has(next.id)) continue
      this.#add(this.actors, next)
      for (const id of next.children) due.push(this.#image.actors.get(id)!)
      for (const { key, id } of next.known?.entries() ?? []) this.#wakeless(next, key, id)
    }
  }

  #withAllAbove({ parent }: ActorImage): void {
    for (let id = parent; id !== 0 && !this.actors.has(id);) {
      const above = this.#image.actors.get(id)!
      if (this.#blueprints.named(above.definition, above.path).isSupervisor) this.places.add(id)
      this.#add(this.actors, above)
      id = above.parent
    }
  }

  #sleeper(byPath: ReadonlyMap<string, ActorImage>, path: string): boolean {
    const at = path.lastIndexOf('/')
    const home = byPath.get(path.slice(0, at))
    const key = path.slice(at + 1)
    const id = home?.known?.get(key) ?? 0
    if (id !== 0) this.#wakeless(home!, key, id)
    return id !== 0
  }

  // One that sleeps is in no image but by its key, unless it has mail.
  #wakeless(home: ActorImage, key: string, id: number): void {
    if (this.#image.actors.has(id)) return
    const asleep = this.#image.mail.get(id) ?? this.#madeOf(home, key, id)
    this.#add(this.asleep, asleep)
  }

  #madeOf(home: ActorImage, name: string, id: number): ActorImage {
    const { definition } = this.#blueprints.named(home.definition, home.path).template ?? {}
    if (definition === undefined) throw noHome(home.path)
    const head = { actor: id, position: home.bornAt, timeMs: 0, correlation: 0, cause: 0 }
    const born = { parent: home.id, name, definition: definition.name, virtual: true }
    const actor = new ActorImage(head, born, home)
    actor.isVirtual = true
    return actor
  }
}

// Who has ended gives way to who lives at the same path.
function byPathOf({ actors }: SystemImage): Map<string, ActorImage> {
  const byPath = new Map<string, ActorImage>()
  for (const actor of actors.values()) {
    const other = byPath.get(actor.path)
    if (other === undefined || other.stopped !== null) byPath.set(actor.path, actor)
  }
  return byPath
}

function nobody(path: string): HoldfastError {
  return new HoldfastError('HF_NO_SUCH_ACTOR', `There is no actor at ${path}.`, {
    actor: path,
    field: 'actors',
    hint: '`holdfast tree` shows who is there.',
  })
}

function noHome(path: string): HoldfastError {
  return new HoldfastError('HF_DEFINITION_MISSING', `${path} is no home of virtual actors in this code.`, {
    actor: path,
    field: 'definition',
    hint: 'Give the code that wrote the log.',
  })
}
