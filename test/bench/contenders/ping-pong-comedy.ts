import { type ActorRef, createSystem } from 'comedy'
import { quietComedy } from '../comedy-system.js'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'
import { measureRallies, Rally } from '../rallies.js'

await contend(async (assignment) => {
  const rally = new Rally()
  class Player {
    #other: ActorRef | undefined
    #handled = 0

    meet(other: ActorRef): void {
      this.#other = other
    }

    ball({ left }: { left: number }): void {
      this.#handled++
      if (left === 0) rally.over()
      else void this.#other?.send('ball', { left: left - 1 })
    }

    handled(): number {
      return this.#handled
    }
  }
  const root = await createSystem(quietComedy).rootActor()
  const ping = await root.createChild(Player)
  const pong = await root.createChild(Player)
  await ping.sendAndReceive('meet', pong)
  await pong.sendAndReceive('meet', ping)
  const handledBy = async (player: ActorRef) => (await player.sendAndReceive('handled')) as number
  const rallies = await measureRallies(
    assignment,
    rally,
    (left) => void ping.send('ball', { left }),
    async () => (await handledBy(ping)) + (await handledBy(pong)),
  )
  return { ...rallies, version: packageVersion('comedy') }
})
