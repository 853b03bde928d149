import { actor, child, supervisor } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const gate = { later: new Later() }

const other = actor({
  name: 'other',
  on: {
    end(ctx) {
      ctx.stop(ctx.self)
    },
    fail() {
      throw new RangeError('once more')
    },
  },
})
const kid = actor({ name: 'kid', durable: false, on: {} })
const curious = actor({
  name: 'curious',
  digestEvery: 1,
  spawns: [kid],
  state: () => ({ seen: [] as boolean[] }),
  onFailure: { default: 'restart' },
  on: {
    async look(ctx, path: string) {
      const lives = await ctx.lives(ctx.ref(path))
      ctx.state.seen.push(lives)
      return lives
    },
    async lookAndHold(ctx, path: string) {
      const lives = await ctx.lives(ctx.ref(path))
      await ctx.effect('hold', () => gate.later.promise)
      ctx.state.seen.push(lives)
    },
    spawnAndLook: (ctx) => ctx.lives(ctx.spawn(kid)),
    fail() {
      throw new RangeError('rebuild')
    },
  },
})
const volatile = actor({ ...curious.spec, name: 'volatile', durable: false })
const root = supervisor({
  name: 'root',
  children: [child(curious), child(volatile), child(other, { restart: 'transient' })],
})

describe('Whether an actor lives', () => {
  it.each(['/root/curious', '/root/volatile'])('is answered to %s: born, and not ended', async (path) => {
    const world = await World.start({ root })
    const look = (at: string): Promise<boolean> => world.ask(path, 'look', at)
    expect(await look('/root/other')).toBe(true)
    world.tell('/root/other', 'fail')
    expect(await look('/root/other')).toBe(true)
    expect(await look('/root')).toBe(true)
    expect(await look('/root/nobody')).toBe(false)
    await world.ask('/root/other', 'end')
    expect(await look('/root/other')).toBe(false)
    expect(await world.ask(path, 'spawnAndLook')).toBe(false)
    const [born] = world.system.inspect(path).children
    expect(await look(`${path}/${born!}`)).toBe(true)
  })

  it('is what it was when the turn runs again: after a restart, and in the next process', async () => {
    const world = await World.start({ root })
    await world.ask('/root/curious', 'look', '/root/other')
    await world.ask('/root/other', 'end')
    await world.askFails('/root/curious', 'fail')
    expect(world.state('/root/curious')).toEqual({ seen: [true] })
    await world.recover()
    expect(world.state('/root/curious')).toEqual({ seen: [true] })
  })

  it('is what it was also for a turn that the end of the process has interrupted', async () => {
    gate.later = new Later()
    const world = await World.start({ root })
    world.tell('/root/curious', 'lookAndHold', '/root/other')
    await world.settle()
    await world.ask('/root/other', 'end')
    await world.recover()
    gate.later.resolve(1)
    await world.settle()
    expect(world.state('/root/curious')).toEqual({ seen: [true] })
    expect(world.recordsOf('reply')).toHaveLength(1)
  })
})
