import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { actor, child, createSystem, supervisor, type ActorRef } from './index.js'

const counter = actor({
  name: 'counter',
  state: (args: { from: number }) => ({ n: args.from }),
  on: {
    add: (ctx, n: number) => (ctx.state.n += n),
    total: (ctx) => ctx.state.n,
  },
})

// Keeps a ref in its state, and a digest of that state in the log after every turn.
const keeper = actor({
  name: 'keeper',
  digestEvery: 1,
  state: () => ({ to: undefined as ActorRef | undefined }),
  on: {
    keep(ctx, { to }: { to: ActorRef }) {
      ctx.state.to = to
    },
    async use(ctx, n: number) {
      return ctx.ask(ctx.state.to!, 'add', n)
    },
  },
})

const root = supervisor({ name: 'root', children: [child(counter, { args: { from: 100 } }), child(keeper)] })

describe('a system with a data directory', () => {
  let data: string

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'holdfast-system-'))
  })

  afterEach(() => rm(data, { recursive: true, force: true }))

  it('goes on where it was when it is opened again', async () => {
    const first = await createSystem({ name: 'test', data, root })
    expect(await first.ref(counter, '/root/counter').ask('add', 5)).toBe(105)
    await first.stop()
    await using second = await createSystem({ name: 'test', data, root })
    expect(second.epoch).toBe(2)
    expect(await second.ref(counter, '/root/counter').ask('total')).toBe(105)
  })

  it('brings refs in states and messages back as refs', async () => {
    const first = await createSystem({ name: 'test', data, root })
    await first.ref(keeper, '/root/keeper').ask('keep', { to: first.ref('/root/counter') })
    await first.stop()
    await using second = await createSystem({ name: 'test', data, root })
    expect(await second.ref(keeper, '/root/keeper').ask('use', 7)).toBe(107)
  })

  it('is closed again when it does not start, so that it can be opened by another', async () => {
    const broken = actor({
      name: 'broken',
      state: (): object => {
        throw new Error('cannot start')
      },
      on: {},
    })
    const failing = createSystem({ name: 'test', data, root: broken })
    await expect(failing).rejects.toMatchObject({ code: 'HF_START_FAILED' })
    const other = createSystem({ name: 'test', data, root })
    await expect(other).rejects.toMatchObject({ code: 'HF_INVALID', field: 'root' })
  })

  it('may have its handlers checked, and is opened again with and without', async () => {
    const checks = { strict: true, alwaysReplay: true }
    const first = await createSystem({ name: 'test', data, root, ...checks })
    await first.ref(keeper, '/root/keeper').ask('keep', { to: first.ref('/root/counter') })
    expect(await first.ref(keeper, '/root/keeper').ask('use', 7)).toBe(107)
    await first.stop()
    const second = await createSystem({ name: 'test', data, root, ...checks })
    expect(await second.ref(keeper, '/root/keeper').ask('use', 1)).toBe(108)
    await second.stop()
    await using third = await createSystem({ name: 'test', data, root })
    expect(await third.ref(counter, '/root/counter').ask('total')).toBe(108)
  })

  it('is refused to a second system while the first one has it', async () => {
    await using first = await createSystem({ name: 'test', data, root })
    await expect(createSystem({ name: 'test', data, root })).rejects.toMatchObject({
      code: 'HF_STORE_IN_USE',
    })
    expect(await first.ref(counter, '/root/counter').ask('total')).toBe(100)
  })
})

describe('a system without one', () => {
  it('lives in memory and ends with its scope', async () => {
    const ended: string[] = []
    {
      await using system = await createSystem({ name: 'test', root })
      system.on('stopped', ({ actor: path }) => ended.push(path))
      expect(await system.ref(counter, '/root/counter').ask('add', 1)).toBe(101)
    }
    expect(ended).toEqual(['/root/keeper', '/root/counter', '/root'])
    await using another = await createSystem({ name: 'test', root })
    expect(await another.ref(counter, '/root/counter').ask('total')).toBe(100)
  })

  it('gives its root the arguments that it is given', async () => {
    await using system = await createSystem({ name: 'test', root: counter, args: { from: 7 } })
    expect(await system.ref(counter, '/counter').ask('total')).toBe(7)
  })
})

describe('what createSystem is given', () => {
  it.each([
    ['options', undefined],
    ['options', 'a text'],
    ['data', { name: 'test', root, data: '' }],
    ['data', { name: 'test', root, data: 7 }],
    ['root', { name: 'test' }],
    ['root', { name: 'test', root: null }],
    ['name', { name: '', root }],
    ['name', { root }],
    ['strict', { name: 'test', root, strict: 'yes' }],
    ['alwaysReplay', { name: 'test', root, alwaysReplay: 1 }],
  ])('is refused with its field: %s', async (field, options) => {
    const refused = createSystem(options as Parameters<typeof createSystem>[0])
    await expect(refused).rejects.toMatchObject({ code: 'HF_INVALID', field })
  })

  it('is refused when two definitions have one name', async () => {
    const twice = supervisor({
      name: 'root',
      children: [child(keeper), child(actor({ name: 'keeper', on: {} }), { id: 'other' })],
    })
    await expect(createSystem({ name: 'test', root: twice })).rejects.toMatchObject({
      code: 'HF_DUPLICATE_NAME',
    })
  })

  it('of a ref is refused when another definition lives there', async () => {
    await using system = await createSystem({ name: 'test', root })
    expect(() => system.ref(counter, '/root/keeper')).toThrow(
      expect.objectContaining({ code: 'HF_INVALID', field: 'definition' }),
    )
  })
})
