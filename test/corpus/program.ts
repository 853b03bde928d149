// A program of the corpus: the code of a swarm, and what is done with it while an incident is recorded. The file that comes
// of it stays for good; the code stays beside it, because the file is replayed on it.

import type { Definition } from 'holdfast'
import type { RedactionRule } from 'holdfast/replay'
import { Later, World, type WorldOptions } from '../conformance/semantics/world.js'

/** One program. */
export interface Program {
  /** What the incident is replayed on. */
  readonly swarm: { readonly root: Definition; readonly definitions?: readonly Definition[] }
  /** Runs it on virtual time. What is recorded is the correlation `incident` of the log that this leaves. */
  record(): Promise<World>
  /** What is replaced when it is exported. */
  readonly redact?: readonly RedactionRule[]
  /** Whether it is locked with the key of the corpus. */
  readonly isLocked?: boolean
}

/** Programs by the name of their file. */
export type Programs = Readonly<Record<string, Program>>

/** The correlation that belongs to the incident. */
export const incident = { correlation: 'incident' }

/** The world outside: what effects wait for, until the recording says what it answers. A replay never asks it. */
export class Outside {
  readonly #waiting = new Map<string, Later>()

  /** Waits until somebody answers under that name. */
  asked(name: string): Promise<unknown> {
    const later = new Later()
    this.#waiting.set(name, later)
    return later.promise
  }

  answers(name: string, value: unknown): void {
    this.#waiting.get(name)!.resolve(value)
  }

  refuses(name: string, error: unknown): void {
    this.#waiting.get(name)!.reject(error)
  }
}

/** A system that has just started, with something that went on before the incident: its actors have a past. */
export async function started(options: WorldOptions): Promise<World> {
  const world = await World.start(options)
  await world.settle()
  return world
}

/** Sends messages of the incident one after the other, each when the last one has come to rest. */
export async function sent(
  world: World,
  path: string,
  messages: readonly (readonly [type: string, payload?: unknown])[],
): Promise<void> {
  for (const [type, payload] of messages) {
    world.tell(path, type, payload, incident)
    await world.settle()
  }
}
