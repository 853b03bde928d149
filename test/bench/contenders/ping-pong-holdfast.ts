import { actor, type ActorRef, child, createSystem } from 'holdfast'
import { contend } from '../contender.js'
import { benchRoot } from '../holdfast-root.js'
import { measureRallies, Rally } from '../rallies.js'

await contend(async (assignment) => {
  const rally = new Rally()
  const player = actor({
    name: 'player',
    durable: false,
    state: (): { handled: number; other: ActorRef | undefined } => ({ handled: 0, other: undefined }),
    on: {
      meet(ctx, { other }: { other: ActorRef }) {
        ctx.state.other = other
      },
      ball(ctx, { left }: { left: number }) {
        ctx.state.handled++
        if (left === 0) rally.over()
        else ctx.tell(ctx.state.other!, 'ball', { left: left - 1 })
      },
      handled: (ctx) => ctx.state.handled,
    },
  })
  const root = benchRoot([child(player, { id: 'ping' }), child(player, { id: 'pong' })])
  await using system = await createSystem({ name: 'bench', root })
  const ping = system.ref(player, '/bench/ping')
  const pong = system.ref(player, '/bench/pong')
  await ping.ask('meet', { other: pong })
  await pong.ask('meet', { other: ping })
  return await measureRallies(
    assignment,
    rally,
    (left) => ping.tell('ball', { left }),
    async () => (await ping.ask('handled')) + (await pong.ask('handled')),
  )
})
