import { actor, child } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'
import { incarnations, member, ownerOf, rootOf } from './chronicle.js'

describe('A message behind one that fails', () => {
  it.each([true, false])(
    'SUP-142 is handled by the next life, in order, and the one that failed is not repeated (durable: %s)',
    async (durable) => {
      const handled: number[] = []
      const fragile = actor({
        name: 'fragile',
        durable,
        on: {
          see(ctx, n: number) {
            // What runs again is rebuilt in the dark: only what really happens is noted.
            handled.push(n)
            if (n === 3) throw new Error('three')
            return n
          },
        },
      })
      const world = await World.start({ root: rootOf(child(fragile)) })
      for (let n = 1; n <= 5; n++) world.tell('/root/fragile', 'see', n)
      await world.settle()
      expect(world.system.inspect('/root/fragile')).toMatchObject({ incarnation: 2, mailbox: 0 })
      const rebuilt = durable ? [1, 2] : []
      expect(handled).toEqual([1, 2, 3, ...rebuilt, 4, 5])
      expect(world.system.deadLetters.count).toBe(0)
    },
  )

  it('SUP-144 waits for the next life, be it told or asked, also while children are still leaving', async () => {
    const gate = new Later()
    const kid = actor({ name: 'kid', onStop: (ctx) => ctx.effect('gate', () => gate.promise), on: {} })
    const parent = actor({
      name: 'parent',
      spawns: [kid],
      state: () => ({ n: 0 }),
      onStart(ctx) {
        ctx.spawn(kid, { name: 'kid' })
      },
      on: {
        add: (ctx) => ++ctx.state.n,
        fail() {
          throw new Error('no')
        },
      },
    })
    const world = await World.start({ root: rootOf(child(parent)) })
    await world.settle()
    world.tell('/root/parent', 'fail')
    const asked = world.system.ref('/root/parent').ask('add')
    world.tell('/root/parent', 'add')
    await world.settle()
    expect(world.system.inspect('/root/parent')).toMatchObject({
      status: 'restarting',
      waiting: ['add', 'add'],
    })
    gate.resolve(1)
    expect(await world.settled(asked)).toBe(1)
    expect(world.system.inspect('/root/parent')).toMatchObject({ incarnation: 2, state: { n: 2 } })
  })
})

describe('A dead letter', () => {
  it('SUP-147 is made of nothing: not at the end of an actor without messages, and not in a restart', async () => {
    const world = await World.start({ root: rootOf(child(ownerOf(member('a')))) })
    await world.settle()
    const path = '/root/owner/a'
    world.tell(path, 'fail')
    world.tell(path, 'add')
    world.tell(path, 'add')
    await world.settle()
    expect(world.system.inspect(path)).toMatchObject({ incarnation: 2, state: { n: 2 } })
    world.tell('/root/owner', 'stop')
    await world.settle()
    expect(world.system.inspect('/root/owner').children).toEqual([])
    expect(world.system.deadLetters.count).toBe(0)
    expect(world.recordsOf('dead')).toEqual([])
  })

  it('SUP-149 is made of each message that waits for an actor which is stopped; the turn in hand ends well', async () => {
    const gate = new Later()
    const handled: string[] = []
    const busy = actor({
      name: 'busy',
      on: {
        async hold(ctx) {
          await ctx.effect('gate', () => gate.promise)
          handled.push('hold')
        },
        see() {
          handled.push('see')
        },
      },
    })
    const world = await World.start({ root: rootOf(child(ownerOf(busy))) })
    await world.settle()
    const path = '/root/owner/busy'
    const held = world.system.ref(path).ask('hold')
    for (let i = 0; i < 9; i++) world.tell(path, 'see')
    await world.settle()
    world.tell('/root/owner', 'stop')
    await world.settle()
    expect(world.system.inspect(path)).toMatchObject({ status: 'stopping', mailbox: 9 })
    gate.resolve(1)
    expect(await world.settled(held)).toBeUndefined()
    expect(handled).toEqual(['hold'])
    expect(world.system.deadLetters.count).toBe(9)
    expect(world.system.deadLetters.last).toEqual(
      world.system.deadLetters.last.map((letter) => ({
        ...letter,
        to: path,
        type: 'see',
        reason: 'stopped',
      })),
    )
    expect(world.recordsOf('dead')).toHaveLength(9)
    expect(world.recordsOf('failed')).toEqual([])
  })
})

describe('An ask', () => {
  const asker = actor({
    name: 'asker',
    state: () => ({ codes: [] as unknown[] }),
    on: {
      async ask(ctx, path: string) {
        try {
          await ctx.ask(ctx.ref(path), 'add', undefined, { timeoutMs: 600_000 })
        } catch (error) {
          ctx.state.codes.push((error as { code?: string }).code)
        }
      },
    },
  })

  it('SUP-152 of nobody, or of an actor that has ended, fails at once, from outside and from inside', async () => {
    const ended = child(member('ended'), { restart: 'transient' })
    const world = await World.start({ root: rootOf(child(asker), ended) })
    const ref = world.system.ref('/root/ended')
    world.tell('/root/ended', 'end')
    await world.settle()
    const startMs = world.authorities.now()
    const refused = { code: 'HF_NO_SUCH_ACTOR', disposition: 'terminal' }
    await expect(ref.ask('add')).rejects.toMatchObject({ ...refused, actor: '/root/ended' })
    await expect(world.system.ref('/root/nobody').ask('add')).rejects.toMatchObject({
      ...refused,
      actor: '/root/nobody',
    })
    await world.ask('/root/asker', 'ask', '/root/ended')
    await world.ask('/root/asker', 'ask', '/root/nobody')
    expect(world.state('/root/asker')).toEqual({ codes: ['HF_ACTOR_STOPPED', 'HF_NO_SUCH_ACTOR'] })
    expect(world.authorities.now()).toBe(startMs)
    expect(world.authorities.timers).toBe(0)
  })

  it('SUP-153 of an actor that dies of the question fails with what it died of', async () => {
    const dying = actor({ ...member('dying').spec, onFailure: { default: 'stop' } })
    const world = await World.start({ root: rootOf(child(dying)) })
    expect(await world.askFails('/root/dying', 'fail', 'of this')).toMatchObject({
      code: 'HF_ACTOR_FAILED',
      actor: '/root/dying',
      cause: { name: 'RangeError', message: 'of this' },
    })
    expect(world.system.inspect('/root/dying').stopped).toBe('failed')
  })

  it('SUP-153 of an actor that is stopped before it answers says so, to outside and to another actor', async () => {
    const keeping = actor({
      name: 'keeping',
      on: { add: () => new Promise<number>(() => undefined) },
    })
    const world = await World.start({ root: rootOf(child(asker), child(ownerOf(keeping))) })
    await world.settle()
    const path = '/root/owner/keeping'
    const asked = world.system.ref(path).ask('add', undefined, { timeoutMs: 600_000 })
    const failed = expect(asked).rejects.toMatchObject({ code: 'HF_ACTOR_STOPPED', actor: path })
    world.tell('/root/asker', 'ask', path)
    await world.settle()
    world.tell('/root/owner', 'stop')
    await world.advance(4_999)
    expect(world.state('/root/asker')).toEqual({ codes: [] })
    await world.advance(1)
    await failed
    expect(world.state('/root/asker')).toEqual({ codes: ['HF_ACTOR_STOPPED'] })
    expect(incarnations(world, '/root/asker', '/root/owner')).toEqual([1, 1])
  })
})
