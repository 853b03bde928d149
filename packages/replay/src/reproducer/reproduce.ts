import {
  Blueprints,
  HoldfastError,
  machineAuthorities,
  RerunTurn,
  storedError,
  type Definition,
  type MessageRecord,
  type Rerun,
  type RerunActor,
  type RerunWorld,
  type StoredError,
} from '@holdfast/kernel'
import { Codec } from '@holdfast/journal'
import { bareTurn } from '../bare-turn.js'
import { PathRef } from '../path-ref.js'
import type { ReproducedMessage, Reproduction } from './reproduction.js'

/** What came of a reproduction. */
export interface Reproduced {
  /** What the last message failed with; `undefined` when it was handled. */
  readonly error: StoredError | undefined
  /** What it was answered, when it was handled. */
  readonly answer: unknown
  /** The state afterwards. */
  readonly state: unknown
}

/** The number that stands for the sender of a message. */
const SENDER = 2
const ACTOR = 1

/**
 * Runs the messages of a reproduction on the code of a swarm: on one actor, without a system. Nothing leaves; effects and
 * questions are answered from the reproduction.
 *
 * @throws {HoldfastError} `HF_DEFINITION_MISSING`, `HF_UNKNOWN_MESSAGE`, `HF_DUPLICATE_NAME`; and what a message before
 *   the last one fails with
 * @example
 * const { error } = await reproduce({ swarm, ...reproduction })
 * expect(error).toBeUndefined()
 */
export async function reproduce(
  reproduction: Reproduction & {
    readonly swarm: { readonly root: Definition; readonly definitions?: readonly Definition[] }
  },
): Promise<Reproduced> {
  const { swarm, actor: path, parent, definition, args, state, messages } = reproduction
  // What a handler does to its state and its payload is not to be seen in the reproduction.
  const codec = new Codec()
  codec.ref = (to) => new PathRef(to)
  const copy = (value: unknown): unknown => codec.encode(value).copy
  const blueprint = new Blueprints(swarm.root, swarm.definitions).named(definition, path)
  const actor: RerunActor = {
    path,
    parentPath: parent,
    state:
      state === undefined
        ? blueprint.firstState(copy(args))
        : blueprint.migrateState(copy(state.value), state.version, path),
  }
  let answer: unknown
  for (const [i, message] of messages.entries()) {
    const entry = blueprint.entry(message.type)
    if (entry === undefined) throw unknown(path, message.type)
    const payload = blueprint.upcastMessage(message.type, copy(message.payload), message.version ?? 1, actor)
    const turn = new RerunTurn(worldOf(message), actor, recordedOf(message))
    try {
      await turn.run(entry.run, payload)
      answer = turn.answer
    } catch (error) {
      if (i < messages.length - 1) throw error
      return { error: storedError(error), answer: undefined, state: actor.state }
    }
  }
  return { error: undefined, answer, state: actor.state }
}

function worldOf({ sender, correlation, position }: ReproducedMessage): RerunWorld {
  return {
    authorities: machineAuthorities(),
    ref: (path) => new PathRef(path),
    pathOf: (id) => (id === SENDER ? sender : undefined),
    correlationName: () => correlation ?? String(position),
  }
}

function recordedOf(message: ReproducedMessage) {
  const { type, payload, position, version = 1, attempt = 1, atMs, sender } = message
  const { refused = [], patched = [] } = message
  const head = { position, timeMs: atMs, actor: ACTOR, correlation: position, cause: position }
  const never = (): boolean => false
  const record: MessageRecord = {
    ...head,
    kind: 'message',
    sender: sender === undefined ? 0 : SENDER,
    type,
    version,
    correlationName: undefined,
    ask: undefined,
    outside: sender === undefined,
    timer: undefined,
    notice: false,
    bytes: 0,
    payload: () => payload,
    isStoredAs: never,
  }
  const turn = bareTurn(head, position, attempt)
  return { message: record, turn, rerun: rerunOf(message), noted: { attempt, refused, patched } }
}

function rerunOf({ position, attempt = 1, atMs, results }: ReproducedMessage): Rerun | undefined {
  if (results === undefined) return undefined
  return {
    message: position,
    attempt,
    timeMs: atMs,
    asked: new Map(),
    noted: null,
    results: results.map(({ index, effect, value, error, atMs: timeMs }, i) => ({
      kind: effect === undefined ? 'reply' : 'effect',
      position: position + 1 + i,
      timeMs,
      attempt,
      index,
      ...(effect === undefined ? {} : { name: effect }),
      ok: error === undefined,
      ...(error === undefined ? { value } : { error }),
    })),
  }
}

function unknown(path: string, type: string): HoldfastError {
  return new HoldfastError('HF_UNKNOWN_MESSAGE', `${path} has no handler for "${type}".`, {
    actor: path,
    hint: 'The definition has changed since the failure was recorded.',
  })
}
