// Handlers that go on when `ctx` refuses something. Whether it does follows from others, so the turn says that it did, and
// is refused the same whenever it is run again.

import { actor, child, supervisor, type Context, type Definition } from 'holdfast'
import { Incident, replay, reproduce, shrink, type ReplayReport } from 'holdfast/replay'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

interface State {
  heard: string[]
}

const PATH = '/root/caller'
let gate = new Later()

/** Runs it, and puts down what it is refused. */
function attempt(ctx: Context<State>, what: string, call: () => unknown): void {
  try {
    call()
    ctx.state.heard.push(`${what} is done`)
  } catch (error) {
    ctx.state.heard.push(`${what}: ${(error as { readonly code?: string }).code ?? String(error)}`)
  }
}

const leaf = actor({ name: 'leaf', on: { hear: () => undefined } })
const other = (types: readonly string[]) =>
  actor({
    name: 'other',
    on: Object.fromEntries(types.map((type) => [type, () => undefined])) as { hear: () => void },
  })

const caller = actor({
  name: 'caller',
  digestEvery: 1,
  spawns: [leaf],
  state: (): State => ({ heard: [] }),
  onFailure: { default: 'resume' },
  on: {
    all(ctx) {
      const to = ctx.ref('/root/other')
      const odd = { valueOf: () => 1, run: () => 2 }
      attempt(ctx, 'tell', () => {
        ctx.tell(to, 'shout', 1)
      })
      attempt(ctx, 'payload', () => {
        ctx.tell(to, 'hear', odd)
      })
      attempt(ctx, 'good tell', () => {
        ctx.tell(to, 'hear', 1)
      })
      attempt(ctx, 'spawn', () => ctx.spawn(leaf, { name: 'a' }))
      attempt(ctx, 'spawn again', () => ctx.spawn(leaf, { name: 'a' }))
      attempt(ctx, 'unlisted', () => ctx.spawn(actor({ name: 'unlisted', on: {} })))
      ctx.state.heard.push(ctx.id())
      attempt(ctx, 'stop', () => {
        ctx.stop(to)
      })
      attempt(ctx, 'stop of nobody', () => {
        ctx.stop(ctx.ref(`${PATH}/nobody`))
      })
      attempt(ctx, 'link', () => {
        ctx.link(ctx.self)
      })
      attempt(ctx, 'schedule', () => {
        ctx.schedule('nothing', 1, { afterMs: 5 })
      })
    },
    async reaches(ctx) {
      const to = ctx.ref('/root/other')
      attempt(ctx, 'tell', () => {
        ctx.tell(to, 'shout', 1)
      })
      await ctx.effect('look', () => gate.promise, { timeoutMs: 600_000 })
      attempt(ctx, 'later', () => {
        ctx.tell(to, 'shout', 2)
      })
      attempt(ctx, 'effect', () => ctx.effect('', () => 1))
    },
    async asks(ctx) {
      for (const timeoutMs of [0, 50]) {
        try {
          await ctx.ask(ctx.ref('/root/other'), 'hear', 1, { timeoutMs })
          ctx.state.heard.push('answered')
        } catch (error) {
          ctx.state.heard.push(String(error))
        }
      }
    },
    fails(ctx) {
      attempt(ctx, 'tell', () => {
        ctx.tell(ctx.ref('/root/other'), 'shout', 1)
      })
      throw new Error(`after ${ctx.state.heard.at(-1)!}`)
    },
    often(ctx, times: number) {
      const to = ctx.ref('/root/other')
      let refused = 0
      for (let i = 0; i < times; i++) {
        try {
          ctx.tell(to, 'shout', i)
        } catch (error) {
          if ((error as { readonly code: string }).code === 'HF_UNKNOWN_MESSAGE') refused++
          else throw error
        }
      }
      ctx.state.heard.push(`${refused} times`)
    },
  },
})

const rootOf = (types: readonly string[] = ['hear'], of: Definition = caller) =>
  supervisor({ name: 'root', children: [child(other(types)), child(of)] })
const state = (world: World): State => world.state<State>(PATH)

function replayed(world: World, root: Definition = rootOf()): Promise<ReplayReport> {
  return replay(new Incident(world.journal, { from: 1, to: world.journal.next - 1 }), {
    swarm: { root },
  })
}

async function after(type: string, payload?: unknown): Promise<World> {
  const world = await World.start({ root: rootOf() })
  world.tell(PATH, type, payload)
  await world.settle()
  return world
}

describe('A handler that goes on when it is refused', () => {
  const heard = [
    'tell: HF_UNKNOWN_MESSAGE',
    'payload: HF_NOT_STORABLE',
    'good tell is done',
    'spawn is done',
    'spawn again: HF_DUPLICATE_NAME',
    'unlisted: HF_DEFINITION_UNLISTED',
    expect.stringMatching(/-1$/),
    'stop: HF_INVALID',
    'stop of nobody is done',
    'link: HF_INVALID',
    'schedule: HF_UNKNOWN_MESSAGE',
  ]

  it('I-03 has the same state after a crash', async () => {
    const world = await after('all')
    const before = state(world)
    expect(before.heard).toEqual(heard)
    await world.recover()
    expect(state(world)).toEqual(before)
  })

  it('I-34 does the same in a replay, and so does a stop of nobody', async () => {
    const world = await after('all')
    const report = await replayed(world)
    expect(report.divergences).toEqual([])
    expect(report.counts.digests).toBe(1)
  })

  it('is refused the same by code that would not refuse it any more, and what it does then is told', async () => {
    const world = await after('all')
    await world.recover({ root: rootOf(['hear', 'shout']) })
    expect(state(world).heard[0]).toBe('tell: HF_UNKNOWN_MESSAGE')
    world.tell(PATH, 'all')
    await world.settle()
    expect(state(world).heard[heard.length]).toBe('tell is done')
  })

  it('is refused again what it was refused before it began to wait, when it goes on in another process', async () => {
    gate = new Later()
    const world = await after('reaches')
    await world.recover({ root: rootOf(['hear', 'shout']) })
    gate.resolve('seen')
    await world.settle()
    const expected = ['tell: HF_UNKNOWN_MESSAGE', 'later is done', 'effect: HF_INVALID']
    expect(state(world).heard).toEqual(expected)
    await world.recover()
    expect(state(world).heard).toEqual(expected)
    const report = await replayed(world, rootOf(['hear', 'shout']))
    expect(report.divergences).toEqual([])
  })

  it('uses up no result with a question that it may not ask', async () => {
    const world = await after('asks')
    const before = state(world)
    expect(before.heard).toEqual([expect.stringContaining('ask.timeoutMs'), 'answered'])
    await world.recover()
    expect(state(world)).toEqual(before)
    expect((await replayed(world)).divergences).toEqual([])
  })

  it('and then fails is replayed up to its failure, also out of a reproduction', async () => {
    const world = await after('fails')
    expect((await replayed(world)).divergences).toEqual([])
    const whole = new Incident(world.journal, { from: 1, to: world.journal.next - 1 })
    const { reproduction } = await shrink(whole, { swarm: { root: rootOf() } })
    const { error } = await reproduce({ swarm: { root: rootOf() }, ...reproduction })
    expect(error?.message).toBe('after tell: HF_UNKNOWN_MESSAGE')
  })

  it('is held to a number of refusals, the last of which fails it', async () => {
    const world = await after('often', 1_000)
    expect(state(world).heard).toEqual(['1000 times'])
    world.tell(PATH, 'often', 1_001)
    await world.settle()
    expect(world.recordsOf('failed').map((each) => each.data().error)).toMatchObject([
      { code: 'HF_INVALID', message: expect.stringContaining('1000 calls') as string },
    ])
    await world.recover()
    expect(state(world).heard).toEqual(['1000 times'])
    expect((await replayed(world)).divergences).toEqual([])
  })

  it('is no less deterministic for it', async () => {
    const world = await World.start({ root: rootOf(), alwaysReplay: true, strict: true })
    world.tell(PATH, 'all')
    await world.settle()
    expect(state(world).heard).toEqual(heard)
    expect(world.recordsOf('failed')).toEqual([])
  })
})
