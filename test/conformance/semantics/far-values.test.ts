// Any value there and back: what an actor gets, keeps, answers, tells and learns is the same in a thread as on the main thread,
// and so is what is refused. Both sides have the codec of the log, and nothing else carries values.

import { inspect, isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { actor, child, type HoldfastError, supervisor } from 'holdfast'
import { expect, it } from 'vitest'
import { World } from './world.js'

class Account {
  readonly balance = 1
}

let fromOutside: unknown

function keeper(name: string, runsIn: 'thread' | undefined) {
  return actor({
    name,
    ...(runsIn === undefined ? {} : { runsIn }),
    state: (): { kept: unknown } => ({ kept: undefined }),
    onFailure: { default: 'resume' },
    on: {
      keep(ctx, value: unknown) {
        ctx.state.kept = value
        ctx.tell(ctx.self, 'heard', { value, deep: [value] })
        return value
      },
      heard(ctx, what: unknown) {
        ctx.state.kept = [ctx.state.kept, what]
      },
      async learn(ctx) {
        ctx.state.kept = await ctx.effect('outside', () => fromOutside)
        return ctx.state.kept
      },
      answer: () => fromOutside,
      kept: (ctx) => ctx.state.kept,
    },
  })
}

const root = supervisor({
  name: 'root',
  children: [child(keeper('near', undefined)), child(keeper('far', 'thread'))],
})

const PATHS = ['/root/near', '/root/far']

const storable = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  stringUnit: 'binary',
})

const large = fc.constantFrom<unknown>(
  { at: new Date(Number.NaN) },
  'x'.repeat(100_000),
  Array.from({ length: 20_000 }, (_, i) => ({ i })),
  new Uint8Array(200_000).fill(7),
  new Map(Array.from({ length: 5_000 }, (_, i) => [i, new Set([i])])),
)

const notStorable = fc.constantFrom<unknown>(
  () => 1,
  { run: { later: () => 1 } },
  [Symbol('no')],
  new Account(),
  new Map([['a', new WeakMap()]]),
  Promise.resolve(1),
)

const anyValue = fc.oneof({ weight: 12, arbitrary: storable }, large, notStorable)

const WHOLE = { depth: Infinity, maxArrayLength: null, maxStringLength: null, sorted: true } as const

/** Whether two values are the same. Node says of a date that is none that it is not like any other. */
function areSame(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other) || inspect(one, WHOLE) === inspect(other, WHOLE)
}

/** What somebody is answered, or what it is refused with. */
async function said(world: World, path: string, type: string, payload?: unknown): Promise<unknown> {
  try {
    return { is: await world.ask(path, type, payload) }
  } catch (error) {
    const { code, field, cause } = error as HoldfastError
    const inner = cause as Partial<HoldfastError> | undefined
    return { refused: [code, field, inner?.code] }
  }
}

it.each([
  ['is sent to an actor, kept, told and answered', 'keep'],
  ['comes from outside in an effect', 'learn'],
  ['is answered', 'answer'],
])('any value that %s is the same in a thread as on the main thread', async (_what, type) => {
  const world = await World.start({ root })
  await fc.assert(
    fc.asyncProperty(anyValue, async (value) => {
      fromOutside = value
      const [near, far] = await Promise.all(
        PATHS.map((path) => said(world, path, type, type === 'keep' ? value : undefined)),
      )
      expect(areSame(far, near)).toBe(true)
      const [nearKept, farKept] = await Promise.all(PATHS.map((path) => said(world, path, 'kept')))
      expect(areSame(farKept, nearKept)).toBe(true)
    }),
    { numRuns: 60 },
  )
  // What both have kept comes back from the log.
  const before = await said(world, '/root/near', 'kept')
  await world.recover()
  for (const path of PATHS) expect(areSame(await said(world, path, 'kept'), before)).toBe(true)
})
