// What a system with a redaction shows to handlers, to callers and to itself: what the log cannot hold, a turn may not see.

import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actor, child, createSystem, oneForOne, supervisor, virtualActors, type System } from 'holdfast'
import { KeyRing, type RedactOptions } from '@holdfast/journal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { World } from './world.js'

const SECRET = 'hunter2-hunter2'
const TOKEN = 'ghp_9fT2kLmN0pQrStUvWxYz1234567890AbCdEf'
const marked = expect.stringMatching(/^\[redacted:secret:[0-9a-f]{16}\]$/) as string

/** Sees what it is told, what comes of its effects, and what it fails with. */
const witness = actor({
  name: 'witness',
  state: (args: unknown) => ({ args, seen: [] as unknown[] }),
  onFailure: (error) => {
    failures.push(error.message)
    return 'resume'
  },
  on: {
    see(ctx, thing: unknown) {
      ctx.state.seen.push(thing)
      return ctx.state.seen
    },
    seen: (ctx) => ctx.state,
    correlation: (ctx) => ctx.correlationId,
    effect: (ctx, kind: string) =>
      ctx
        .effect('outside', () => EFFECTS[kind]!())
        .catch((error: unknown) => [(error as Error).name, (error as Error).message]),
    fail() {
      throw new RangeError(`${'x'.repeat(3_995)}${SECRET}`)
    },
    answer: () => ({ answer: SECRET }),
    name(ctx, kind: string) {
      if (kind === 'spawn') ctx.spawn(witness, { name: TOKEN })
      if (kind === 'timer') ctx.schedule('seen', undefined, { afterMs: 1, key: TOKEN })
      if (kind === 'effect') return ctx.effect(TOKEN, () => 1)
      if (kind === 'patch') ctx.patched(TOKEN)
      if (kind === 'key') ctx.tell(ctx.ref(cart, `/root/carts/${TOKEN}`), 'add', 'milk')
      return undefined
    },
  },
})

const failures: string[] = []
const EFFECTS: Record<string, () => unknown> = {
  value: () => ({ body: SECRET }),
  error: () => {
    throw new TypeError(`no ${SECRET}`)
  },
  loop: () => {
    const loop: Record<string, unknown> = {}
    return (loop['self'] = loop)
  },
  function: () => ({ [SECRET]: () => 1 }),
}

/** Keeps nothing on disk, and is asked by one who does. */
const fleeting = actor({ name: 'fleeting', durable: false, on: { say: () => ({ said: SECRET }) } })
const asker = actor({
  name: 'asker',
  on: { ask: (ctx) => ctx.ask(ctx.ref(fleeting, '/root/fleeting'), 'say') },
})
const cart = actor({ name: 'cart', on: { add: (_, item: string) => item } })
const carts = virtualActors({ name: 'carts', of: cart, idleMs: 1_000 })

const root = supervisor({
  name: 'root',
  strategy: oneForOne(),
  children: [child(witness, { args: SECRET }), child(fleeting), child(asker), child(carts)],
})

let dir: string
let system: System | undefined

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-redact-'))
  failures.length = 0
})

afterEach(async () => {
  await system?.stop()
  system = undefined
  rmSync(dir, { recursive: true, force: true })
})

async function open(redact: RedactOptions = { secrets: [SECRET] }, more: object = {}): Promise<System> {
  return (system = await createSystem({ name: 'secrets', root, redact, ...more }))
}

const me = (system: System) => system.ref(witness, '/root/witness')

describe('S-36 a turn sees what the log holds', () => {
  it('of its arguments, of what it is told, and of its correlation', async () => {
    const system = await open()
    expect(await me(system).ask('see', { a: SECRET })).toEqual([{ a: marked }])
    expect(await me(system).ask('seen')).toMatchObject({ args: marked })
    const named = await me(system).ask('correlation', undefined, { correlation: `order ${SECRET}` })
    expect(named).toMatch(/^order \[redacted:secret:[0-9a-f]{16}\]$/)
    // Who names it again means the same one.
    expect(await me(system).ask('correlation', undefined, { correlation: `order ${SECRET}` })).toBe(named)
  })

  it('of what its effects return and fail with', async () => {
    const system = await open()
    expect(await me(system).ask('effect', 'value')).toEqual({ body: marked })
    expect(await me(system).ask('effect', 'error')).toEqual([
      'TypeError',
      expect.stringMatching(/^no \[redacted:/),
    ])
  })

  it('of what a volatile actor answers', async () => {
    const system = await open()
    expect(await system.ref(asker, '/root/asker').ask('ask')).toEqual({ said: marked })
  })

  it('and so do those who ask, and those who decide about its failure; no half secret is left where a text is cut off', async () => {
    const system = await open()
    expect(await me(system).ask('answer')).toEqual({ answer: marked })
    const error = await me(system)
      .ask('fail')
      .catch((each: unknown) => each)
    expect((error as Error).cause).toMatchObject({ message: expect.not.stringContaining('hunte') as string })
    expect(failures).toEqual([expect.not.stringContaining('hunte')])
  })

  it('also when every turn is run twice', async () => {
    const system = await open({ secrets: [SECRET] }, { alwaysReplay: true })
    expect(await me(system).ask('effect', 'value')).toEqual({ body: marked })
    expect(await me(system).ask('answer')).toEqual({ answer: marked })
  })
})

describe('S-36 a state that holds a secret', () => {
  const hoarder = actor({
    name: 'hoarder',
    state: () => ({ token: '', count: 0 }),
    digestEvery: 1,
    snapshot: { everyBytes: 1 },
    on: {
      hoard(ctx) {
        ctx.state.token = SECRET
      },
      count: (ctx) => ++ctx.state.count,
      token: (ctx) => ctx.state.token.length,
    },
  })
  const hoarders = virtualActors({ name: 'hoarders', of: hoarder, idleMs: 1_000 })
  const both = supervisor({ name: 'root', children: [child(hoarder), child(hoarders)] })

  it('has neither snapshot nor digest, is told of by its field, and comes back from the log', async () => {
    const world = await World.start({ root: both, redact: { secrets: [SECRET] } })
    const warnings = world.events('warning')
    await world.ask('/root/hoarder', 'count')
    expect(world.journal.snapshot(2)).toBeDefined()
    const before = world.journal.next
    await world.ask('/root/hoarder', 'hoard')
    await world.ask('/root/hoarder', 'count')
    expect(warnings.map(({ error }) => [error?.code, error?.message])).toEqual([
      ['HF_HOLDS_SECRET', expect.stringMatching(/^state\.token holds something/)],
    ])
    expect(world.journal.snapshot(2)!.position).toBeLessThan(before)
    const turns = world.recordsOf('turn').filter(({ position }) => position >= before)
    expect(turns.map(({ digest }) => digest)).toEqual([-1, -1])
    await world.recover()
    expect(await world.ask('/root/hoarder', 'token')).toBe(SECRET.length)
    expect(await world.ask('/root/hoarder', 'count')).toBe(3)
  })

  it('is made again when a virtual actor wakes', async () => {
    const world = await World.start({ root: both, redact: { secrets: [SECRET] } })
    await world.ask('/root/hoarders/a', 'hoard')
    await world.ask('/root/hoarders/a', 'count')
    await world.advance(10_000)
    expect(world.recordsOf('stopped').map((record) => record.data().reason)).toEqual(['passivated'])
    expect(await world.ask('/root/hoarders/a', 'token')).toBe(SECRET.length)
    expect(await world.ask('/root/hoarders/a', 'count')).toBe(2)
  })
})

describe('S-36 what cannot be redacted is not stored', () => {
  it('a message is refused, an effect fails, and an error leaves its marker', async () => {
    const system = await open()
    let list = (): readonly string[] => [SECRET]
    await system.stop()
    const failing = await open({ secrets: () => list() })
    const broken = (): never => {
      throw new Error('the vault is closed')
    }
    EFFECTS['closing'] = () => {
      list = broken
      return 'raw'
    }
    EFFECTS['failing'] = () => {
      list = broken
      throw new TypeError('raw')
    }
    for (const [kind, expected] of [
      ['closing', /could not be redacted/],
      ['failing', /could not be redacted/],
    ] as const) {
      list = () => [SECRET]
      const asked = me(failing).ask('effect', kind)
      // The answer of the turn cannot be redacted either, so the turn fails.
      await expect(asked).rejects.toMatchObject({
        code: 'HF_ACTOR_FAILED',
        message: expect.stringMatching(expected) as string,
      })
    }
    list = broken
    expect(() => {
      me(failing).tell('see', 'raw')
    }).toThrow(expect.objectContaining({ code: 'HF_NOT_REDACTED' }) as Error)
    await expect(me(failing).ask('see', 'raw')).rejects.toMatchObject({ code: 'HF_NOT_REDACTED' })
    list = () => [SECRET]
    expect(await me(failing).ask('see', 1)).toEqual([1])
  })

  it('and what the log could not store anyway is refused as ever', async () => {
    const system = await open()
    expect(await me(system).ask('effect', 'loop')).toEqual([
      'HoldfastError',
      expect.stringContaining('nested deeper'),
    ])
    const [, refused] = (await me(system).ask('effect', 'function')) as [string, string]
    expect(refused).toMatch(/^\[redacted:secret:[0-9a-f]{16}\] is a function/)
  })

  it('a start is refused when there are no secrets to be had, and leaves the directory to others', async () => {
    const data = join(dir, 'data')
    const secrets = (): never => {
      throw new Error('no vault')
    }
    await expect(open({ secrets }, { data })).rejects.toMatchObject({ code: 'HF_NOT_REDACTED' })
    await expect(open({ secrets: ['short'] }, { data })).rejects.toMatchObject({ code: 'HF_INVALID' })
    await open({}, { data })
  })
})

describe('S-36 a name that holds a secret is refused', () => {
  it.each(['spawn', 'timer', 'effect', 'patch', 'key'])('of a %s', async (kind) => {
    const system = await open({})
    const error = (await me(system)
      .ask('name', kind)
      .catch((each: unknown) => each)) as Error
    expect(error.cause).toMatchObject({
      code: 'HF_HOLDS_SECRET',
      message: expect.not.stringContaining(TOKEN) as string,
    })
  })

  it('of a virtual actor and of a child of the spec', async () => {
    const system = await open({})
    expect(() => {
      system.get(cart, TOKEN).tell('add', 'milk')
    }).toThrow(expect.objectContaining({ code: 'HF_HOLDS_SECRET', field: 'key' }) as Error)
    await system.stop()
    const named = supervisor({ name: 'root', children: [child(cart, { id: TOKEN })] })
    await expect(createSystem({ name: 'named', root: named, redact: {} })).rejects.toThrow(
      /must not be stored/,
    )
  })
})

describe('S-36 the key of placeholders', () => {
  const markOf = async (data: string, more: object = {}): Promise<unknown> => {
    const system = await open({ secrets: [SECRET] }, { data, ...more })
    const answer = await me(system).ask('answer')
    await system.stop()
    return answer
  }

  it('stays with the data directory, is its owner’s alone, and is another one elsewhere', async () => {
    const [here, there] = [join(dir, 'here'), join(dir, 'there')]
    const first = await markOf(here)
    expect(await markOf(here)).toEqual(first)
    expect(await markOf(there)).not.toEqual(first)
    expect(statSync(join(here, 'redaction.key')).mode & 0o777).toBe(0o600)
  })

  it('is drawn anew when its file was cut off, and not read through a link', async () => {
    const data = join(dir, 'here')
    const first = await markOf(data)
    writeFileSync(join(data, 'redaction.key'), 'ab12')
    expect(await markOf(data)).not.toEqual(first)
    rmSync(join(data, 'redaction.key'))
    symlinkSync(join(dir, 'elsewhere'), join(data, 'redaction.key'))
    await expect(markOf(data)).rejects.toMatchObject({ code: 'HF_STORE_UNWRITABLE' })
  })

  it('of encrypted data comes from their own key, and has no file', async () => {
    const keys = new KeyRing([Buffer.alloc(32, 7)])
    const data = join(dir, 'here')
    const first = await markOf(data, { keys })
    expect(await markOf(data, { keys })).toEqual(first)
    expect(() => readFileSync(join(data, 'redaction.key'))).toThrow('ENOENT')
  })
})
