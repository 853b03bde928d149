// Strict mode: what a handler of a durable actor does past `ctx` fails its turn, at that line.

import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  actor,
  child,
  createSystem,
  machine,
  supervisor,
  type Definition,
  type HoldfastError,
} from 'holdfast'
import { describe, expect, it } from 'vitest'
import { counterMachine } from '../machine/counter-machine.js'
import { World } from './world.js'

const leaky = (durable = true) =>
  actor({
    name: 'leaky',
    durable,
    onFailure: { default: 'resume' },
    state: () => ({ seen: [] as unknown[] }),
    on: {
      clock: (ctx) => void ctx.state.seen.push(Date.now()),
      chance: (ctx) => void ctx.state.seen.push(Math.random()),
      id: (ctx) => void ctx.state.seen.push(randomUUID()),
      timer: () => void setTimeout(() => undefined, 1),
      network: () => fetch('http://127.0.0.1:9'),
      file: () => {
        writeFileSync('/nowhere/at/all', '')
      },
      async late(ctx) {
        await ctx.effect('first', () => 1)
        ctx.state.seen.push(new Date())
      },
      async effect(ctx) {
        const seen = await ctx.effect('all of it', async () => {
          await sleep(1)
          return [Date.now() > 0, Math.random() < 1, new Date() > new Date(0)]
        })
        ctx.state.seen.push(...seen, ctx.now() > 0, ctx.random() < 1, typeof ctx.id())
      },
      async both(ctx) {
        ctx.log.info('it asks')
        ctx.schedule('clock', undefined, { afterMs: 86_400_000 })
        return ctx.ask(ctx.ref('/root/other'), 'hear', new Date(5))
      },
    },
  })

const other = actor({ name: 'other', on: { hear: (_ctx, at: Date) => at.getTime() } })

const failuresIn = (world: World) => world.recordsOf('failed').map((record) => record.data().error)

function worldOf(it: Definition): Promise<World> {
  const root = supervisor({ name: 'root', children: [child(it, { id: 'it' }), child(other)] })
  return World.start({ root, strict: true })
}

const LEAKS = ['clock', 'chance', 'id', 'timer', 'network', 'file', 'late'] as const

describe('In strict mode', () => {
  it.each(LEAKS)('a handler that goes past ctx fails there: %s', async (type) => {
    const world = await worldOf(leaky())
    const error = (await world.askFails('/root/it', type)) as HoldfastError
    expect(error).toMatchObject({ code: 'HF_ACTOR_FAILED', cause: { code: 'HF_LEAK' } })
    expect(failuresIn(world)).toMatchObject([{ code: 'HF_LEAK' }])
    const [, line] = /strict\.test\.ts:(\d+):\d+\.$/.exec(failuresIn(world)[0]!.message) ?? []
    const source = readFileSync(new URL(import.meta.url), 'utf8').split('\n')[Number(line) - 1]
    expect(source).toMatch(/Date\.now|Math\.random|randomUUID|setTimeout|fetch|writeFileSync|new Date/)
    expect(world.state('/root/it')).toEqual({ seen: [] })
    await world.stop()
  })

  it.each<() => unknown>([() => Date.now(), () => fetch('http://127.0.0.1:9')])(
    'also one that catches the refusal fails',
    async (leak) => {
      const tries = actor({
        name: 'tries',
        onFailure: { default: 'resume' },
        on: {
          atOnce() {
            try {
              leak()
            } catch {
              // It goes on as if there had been nothing.
            }
          },
          async later() {
            await Promise.resolve()
              .then(leak)
              .catch(() => undefined)
          },
        },
      })
      const world = await worldOf(tries)
      for (const type of ['atOnce', 'later'])
        expect(await world.askFails('/root/it', type)).toMatchObject({ cause: { code: 'HF_LEAK' } })
      await world.stop()
    },
  )

  it('what goes through ctx is as ever, and an effect may do what it likes', async () => {
    const world = await worldOf(leaky())
    await world.ask('/root/it', 'effect')
    expect(world.state('/root/it')).toEqual({ seen: [true, true, true, true, true, 'string'] })
    expect(await world.ask('/root/it', 'both')).toBe(5)
    await world.stop()
  })

  it('a volatile actor may do it, because none of its turns is run again', async () => {
    const world = await worldOf(leaky(false))
    await world.ask('/root/it', 'clock')
    expect(world.state<{ seen: number[] }>('/root/it').seen).toHaveLength(1)
    await world.stop()
  })

  it('hooks are handlers, and a first state comes from what it is given', async () => {
    const hooked = actor({ name: 'hooked', onStart: () => void Date.now(), on: {} })
    await expect(createSystem({ name: 'test', root: hooked, strict: true })).rejects.toThrow(
      /"\$start" calls Date\.now/,
    )
    const born = actor({ name: 'born', state: () => ({ at: Date.now() }), on: {} })
    await expect(createSystem({ name: 'test', root: born, strict: true })).rejects.toThrow(
      /"state" of the definition "born" calls Date\.now past ctx, at .*strict\.test\.ts/,
    )
  })

  it('a turn that is run again is refused as well: one that was recorded without it diverges', async () => {
    const root = supervisor({ name: 'root', children: [child(leaky(), { id: 'it' }), child(other)] })
    const world = await World.start({ root })
    await world.ask('/root/it', 'clock')
    world.crash()
    await world.open({ strict: true })
    await world.settle()
    expect(world.system.inspect('/root/it')).toMatchObject({ status: 'quarantined', turns: 0 })
    const [held] = world.recordsOf('quarantined')
    expect(held?.data().reason).toMatchObject({ code: 'HF_DIVERGED' })
    expect(held?.data().reason.message).toContain('calls Date.now past ctx')
    await world.stop()
  })

  it('a machine runs', async () => {
    const root = supervisor({
      name: 'root',
      children: [
        child(machine({ name: 'counter', machine: counterMachine }), { id: 'it', args: { from: 1 } }),
      ],
    })
    const world = await World.start({ root, strict: true, alwaysReplay: true })
    expect(world.system.inspect('/root/it').status).toBe('running')
    await world.stop()
  })

  it('everything is put back when the last such system has stopped, and when one does not start', async () => {
    const { now } = Date
    const first = await createSystem({ name: 'test', root: other, strict: true })
    const second = await createSystem({ name: 'test', root: other, strict: true })
    await first.stop()
    expect(Date.now).not.toBe(now)
    await second.stop()
    await expect(createSystem({ name: '', root: other, strict: true })).rejects.toMatchObject({
      field: 'name',
    })
    expect(Date.now).toBe(now)
  })
})
