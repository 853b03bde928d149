// region: test
import { actor, createSystem } from 'holdfast'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { expect, it } from 'vitest'

const alarm = actor({
  name: 'alarm',
  state: () => ({ rangAt: 0 }),
  on: {
    set(ctx, { inMs }: { inMs: number }) {
      ctx.schedule('ring', undefined, { afterMs: inMs })
    },
    ring(ctx) {
      ctx.state.rangAt = ctx.now()
    },
    rangAt: (ctx) => ctx.state.rangAt,
  },
})

it('an alarm that is set to an hour rings after an hour, and not a millisecond before', async () => {
  const time = new VirtualAuthorities({ seed: 1, startMs: 0 })
  const starting = createSystem({ name: 'bedroom', root: alarm, authorities: time })
  await time.settle() // a system takes its first steps in time that somebody else holds
  const system = await starting

  system.ref(alarm, '/alarm').tell('set', { inMs: 3_600_000 })
  await time.advance(3_599_999)
  expect(system.inspect('/alarm').state).toEqual({ rangAt: 0 })

  await time.advance(1)
  const asked = system.ref(alarm, '/alarm').ask('rangAt')
  await time.settle()
  expect(await asked).toBe(3_600_000)

  const stopping = system.stop()
  await time.settle()
  await stopping
  expect(time.timers).toBe(0) // nothing is left behind
})
// end: test
