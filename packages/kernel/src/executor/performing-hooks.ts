import type { Context } from '../context.js'
import type { LiveTurn } from '../turn.js'
import { errandOf, messageOf } from './errands.js'
import type { Outcome } from './executor.js'
import { FarTalk, threadLost } from './far-talk.js'
import { answerOf, performCalls, takeState } from './performing.js'

/**
 * Stands in the place of a hook that is not taken from the mailbox, such as the one that runs as an actor stops: it is run
 * in the thread while its turn waits.
 */
export function performHook(ctx: Context<unknown>): Promise<unknown> {
  const turn = ctx as unknown as LiveTurn
  const { kernel, cell } = turn
  const remote = cell.rare!.remote!
  const errand = errandOf(cell, remote, [messageOf(kernel, cell, turn, false)])
  // What it throws is what the hook fails with.
  const hear = async (outcome: Outcome): Promise<unknown> => {
    if (outcome.kind === 'died') throw outcome.error
    if (outcome.kind === 'lost') throw threadLost(cell.path)
    const { work } = outcome
    const far = (remote.turn = work.next())
    if (far.outcome === 'waits') return await new FarTalk(turn, remote).begin(far)
    performCalls(turn, far)
    takeState(turn, work.state)
    remote.isCurrent = true
    return answerOf(far)
  }
  cell.spoil()
  return new Promise((resolve) => {
    kernel.executor!.run(errand, (outcome) => {
      if (!turn.isOpen || cell.turn !== turn || remote.serial !== errand.serial) return
      resolve(hear(outcome))
      kernel.dispatcher.wake()
    })
  })
}
