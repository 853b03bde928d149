// Performing
// ==========
// The turn of a message that a thread has run ahead: in the place of the handler, what the handler did is done once more
// on `ctx`, call by call. So every call is checked, refused, recorded and applied as if the handler stood here. What the
// handler could not learn there is that a call was refused: then the turn fails with that. What was refused there already,
// because it cannot be stored, is noted as refused, and the handler has had its say.

import type { Context } from '../context.js'
import { ignore } from '../ignore.js'
import { revivedError } from '../records.js'
import type { LiveTurn } from '../turn.js'
import { aimOf } from './aim.js'
import type { Call, FarTurn } from './executor.js'
import { FarTalk } from './far-talk.js'

/** Stands in the place of a handler: does what it did in its thread. */
export function perform(ctx: Context<unknown>): unknown {
  const turn = ctx as unknown as LiveTurn
  const remote = turn.cell.rare!.remote!
  const far = remote.turn!
  if (far.outcome === 'waits') return new FarTalk(turn, remote).begin(far)
  performCalls(turn, far)
  if (remote.work !== null && remote.taken === remote.work.size) takeState(turn, remote.work.state)
  return answerOf(far)
}

/** Stands in the place of a handler in whose hands a thread has ended. */
export function performDoomed(ctx: Context<unknown>): unknown {
  const remote = (ctx as unknown as LiveTurn).cell.rare!.remote!
  const { error } = remote.doomed!
  remote.doomed = null
  throw error
}

/** Does what a handler did. @throws what the handler threw, and what a call is refused with */
export function performCalls(turn: LiveTurn, far: FarTurn): void {
  if (far.timeMs !== 0) turn.sees(far.timeMs)
  const hasFailed = far.outcome === 'failed'
  // A call that was refused is told from those that are alike by how many were granted before it.
  const isRefused = hasFailed && far.calls.some(({ call }) => call === 'refused')
  for (const call of far.calls)
    if (call.call === 'refused') turn.refusedThere(call.of, call.to, call.type, revivedError(call.error))
    else if (!hasFailed || isHeard(call)) performCall(turn, call)
    else if (isRefused) turn.done(call.call, ...aimOf(call))
  if (hasFailed) throw revivedError(far.error!)
}

/** What a turn answers that has come to its end. */
export function answerOf(far: FarTurn): unknown {
  return far.outcome === 'ignored' ? ignore : far.answer
}

/** The state has come back with its turn. */
export function takeState(turn: LiveTurn, state: { readonly value: unknown } | undefined): void {
  if (state === undefined) return
  turn.cell.state = state.value
  turn.cell.isDirty = false
}

// Of what a failed turn did, nobody hears but who reads its lines; and its record says which changes it was under.
function isHeard({ call }: Call): boolean {
  return call === 'log' || call === 'patched'
}

function performCall(turn: LiveTurn, call: Call): void {
  switch (call.call) {
    case 'tell':
      turn.tell(turn.kernel.farRefs.of(call.to), call.type, call.payload, call.options)
      break
    case 'spawn':
      turn.spawn(turn.kernel.blueprints.named(call.definition, turn.cell.path).definition, call.options)
      break
    case 'stop':
      turn.stop(turn.ref(call.to), call.how)
      break
    case 'watch':
      turn.watch(turn.ref(call.to), call.type)
      break
    case 'unwatch':
    case 'link':
    case 'dependOn':
    case 'unlink':
      turn[call.call](turn.ref(call.to))
      break
    case 'schedule':
      if (call.nowMs !== 0) turn.sees(call.nowMs)
      turn.schedule(call.type, call.payload, call.options)
      break
    case 'unschedule':
      turn.unschedule(call.key)
      break
    case 'patched':
      turn.patched(call.id)
      break
    case 'reply':
      turn.reply(call.answer)
      break
    case 'log':
      turn.log[call.level](call.line, call.data)
      break
    case 'stash':
    case 'unstash':
    case 'well':
    case 'id':
      turn[call.call]()
      break
    case 'ask':
    case 'lives':
    case 'effect':
      // Whoever waits is asked for: see the talk of a turn that waits.
      break
    case 'refused':
      // It was noted, and is not done.
      break
  }
}
