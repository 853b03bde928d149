import { type ActorRef, createActor, fromTransition, type Snapshot } from 'xstate'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'
import { measureRallies, Rally } from '../rallies.js'

interface Ball {
  type: 'ball'
  left: number
  from: ActorRef<Snapshot<unknown>, Ball>
}

await contend(async (assignment) => {
  const rally = new Rally()
  const logic = fromTransition(
    (state: { handled: number }, { left, from }: Ball, { self }) => {
      if (left === 0) rally.over()
      else from.send({ type: 'ball', left: left - 1, from: self })
      return { handled: state.handled + 1 }
    },
    { handled: 0 },
  )
  const ping = createActor(logic).start()
  const pong = createActor(logic).start()
  const rallies = await measureRallies(
    assignment,
    rally,
    (left) => ping.send({ type: 'ball', left, from: pong }),
    () => ping.getSnapshot().context.handled + pong.getSnapshot().context.handled,
  )
  return { ...rallies, version: packageVersion('xstate') }
})
