// The image of a few actors, as parts of the same form as those of the whole system: what only concerns others is left out
// of it, and who was watched and stays has ended for those who watched it.

import type { ActorImage } from '../actor-image.js'
import { storedActor, storedRecord, type StoredActor, type StoredLife } from '../checkpoint/stored-actor.js'
import type { ImagePart, StoredKeys, StoredSystem } from '../checkpoint/stored-image.js'
import type { SystemImage } from '../image.js'
import { PACT } from '../pact.js'
import type { ParkedEntry } from '../steering/parked-list.js'
import type { ChosenActors } from './chosen-actors.js'
import type { LeftBehind } from './left-behind.js'

const ACTORS_PER_PART = 256
const KEYS_PER_PART = 1_024

/** The parts of the image of the chosen actors. */
export function* carriedParts(
  image: SystemImage,
  chosen: ChosenActors,
  parked: readonly ParkedEntry[],
  leftBehind: LeftBehind,
): Generator<ImagePart> {
  yield { system: systemOf(image, parked) }
  for (const actor of chosen.all()) yield* keysOf(actor, chosen)
  let actors: StoredActor[] = []
  for (const actor of chosen.all()) {
    const isAsleep = chosen.asleep.has(actor.id)
    // Of one that sleeps without mail there is nothing but its key and its state.
    if (isAsleep && !image.mail.has(actor.id)) continue
    actors.push(carried(image, actor, isAsleep, chosen, leftBehind))
    if (actors.length < ACTORS_PER_PART) continue
    yield { actors }
    actors = []
  }
  if (actors.length > 0) yield { actors }
}

function systemOf(image: SystemImage, parked: readonly ParkedEntry[]): StoredSystem {
  const { lastPosition, lastMs, lastActor, opened, wasClosed, grants } = image
  return {
    lastPosition,
    lastMs,
    lastActor,
    records: lastPosition,
    opened: opened === null ? null : storedRecord(opened),
    gaveUp: null,
    wasClosed,
    grants,
    parked,
    dead: [],
    noted: [],
  }
}

function* keysOf({ id: home, known }: ActorImage, chosen: ChosenActors): Generator<ImagePart> {
  if (known === null) return
  const made = (): { home: number; keys: string[]; ids: number[]; turns: number[] } => {
    return { home, keys: [], ids: [], turns: [] }
  }
  let part: StoredKeys & ReturnType<typeof made> = made()
  let isSaid = false
  for (const { key, id, turns } of known.entries()) {
    if (!chosen.has(id)) continue
    part.keys.push(key)
    part.ids.push(id)
    part.turns.push(turns)
    if (part.keys.length < KEYS_PER_PART) continue
    yield { keys: part }
    isSaid = true
    part = made()
  }
  // Also a home that knows nobody is one.
  if (part.keys.length > 0 || !isSaid) yield { keys: part }
}

function carried(
  image: SystemImage,
  actor: ActorImage,
  isAsleep: boolean,
  chosen: ChosenActors,
  leftBehind: LeftBehind,
): StoredActor {
  const stored = storedActor(actor, isAsleep)
  const life = chosen.isPlace(actor.id) ? withoutMail(stored.life) : stored.life
  leftBehind.look(stored.born.args)
  for (const timer of life.timers ?? []) leftBehind.look(timer.payload)
  return { ...stored, life: parted(image, life, chosen, leftBehind) }
}

// What waits for a supervisor that was not asked for is not its actors' business.
function withoutMail(life: StoredLife): StoredLife {
  return Object.fromEntries(Object.entries(life).filter(([field]) => !MAIL.has(field)))
}

const MAIL: ReadonlySet<string> = new Set<keyof StoredLife>([
  'pending',
  'stash',
  'timers',
  'ticks',
  'notices',
  'start',
  'attempt',
  'attemptOf',
])

// Whoever stays has ended for who comes along: it is told so when it goes on.
function parted(
  image: SystemImage,
  { watching, dependsOn, unseen, ...life }: StoredLife,
  chosen: ChosenActors,
  leftBehind: LeftBehind,
): StoredLife {
  const gone = [...(unseen ?? [])]
  const isHere = (id: number, type: string): boolean => {
    if (chosen.actors.has(id)) return true
    const path = image.actors.get(id)?.path
    if (path === undefined) return false
    gone.push({ path, type })
    leftBehind.note(path)
    return false
  }
  const watched = watching?.filter(([id, type]) => isHere(id, type)) ?? []
  const linked = dependsOn?.filter((id) => isHere(id, PACT)) ?? []
  return {
    ...life,
    ...(watched.length > 0 ? { watching: watched } : {}),
    ...(linked.length > 0 ? { dependsOn: linked } : {}),
    ...(gone.length > 0 ? { unseen: gone } : {}),
  }
}
