import type { Context } from '../context.js'
import { THREAD_RESUMES_MAX } from '../limits.js'
import { rebuild } from '../rebuild.js'
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
  return new Promise((resolve, reject) => {
    send(turn, 0, resolve, reject)
  })
}

// A thread that ends before it has run the hook is none of the hook's fault: another one runs it.
function send(
  turn: LiveTurn,
  lost: number,
  resolve: (answer: unknown) => void,
  reject: (error: unknown) => void,
): void {
  const { kernel, cell } = turn
  const errand = errandOf(cell, cell.rare!.remote!, [messageOf(kernel, cell, turn, false)])
  const { serial } = errand
  const isOver = (): boolean => !turn.isOpen || cell.turn !== turn || cell.rare!.remote!.serial !== serial
  cell.spoil()
  kernel.executor!.run(errand, (outcome) => {
    if (isOver()) return
    if (outcome.kind === 'lost' && lost < THREAD_RESUMES_MAX) {
      cell.spoil()
      rebuild(kernel, cell, (error) => {
        if (isOver()) return
        if (error === undefined) send(turn, lost + 1, resolve, reject)
        else reject(error)
      })
      return
    }
    try {
      resolve(hear(turn, outcome))
    } catch (error) {
      reject(error)
    }
    kernel.dispatcher.wake()
  })
}

function hear(turn: LiveTurn, outcome: Outcome): unknown {
  const { cell } = turn
  if (outcome.kind === 'died') throw outcome.error
  if (outcome.kind === 'lost') throw threadLost(cell.path)
  const remote = cell.rare!.remote!
  const { work } = outcome
  const far = (remote.turn = work.next())
  if (far.outcome === 'waits') return new FarTalk(turn, remote).begin(far)
  performCalls(turn, far)
  takeState(turn, work.state)
  remote.isCurrent = true
  return answerOf(far)
}
