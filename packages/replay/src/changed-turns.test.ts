import { actor, child, oneForOne, supervisor, System, type Context } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { memoryJournal } from '@holdfast/journal'
import { expect, it } from 'vitest'
import { Incident } from './incident.js'
import { replay } from './player.js'

type Handler = (ctx: Context<{ seen: unknown[] }>) => unknown

const ref = '/root/other'
// One that starts with a hook, because that is where the log says what it was spawned with.
const kid = actor({ name: 'kid', on: {}, onStart: () => undefined })
const other = actor({
  name: 'other',
  on: { heard: () => 1, asked: (_ctx, what: string) => what, waits: () => new Promise(() => undefined) },
})

function rootOf(run: Handler) {
  const subject = actor({
    name: 'it',
    spawns: [kid],
    turnTimeoutMs: 1_000,
    onFailure: { default: 'resume' },
    state: () => ({ seen: [] as unknown[] }),
    on: { run, terminated: () => undefined },
  })
  return supervisor({ name: 'root', strategy: oneForOne(), children: [child(subject), child(other)] })
}

/** What a replay says of a turn that has come to do something else. */
async function changed(before: Handler, after: Handler): Promise<unknown[]> {
  const authorities = new VirtualAuthorities()
  const journal = memoryJournal(authorities)
  const starting = System.start({ name: 'changed', root: rootOf(before), log: journal, authorities })
  await authorities.settle()
  const system = await starting
  system.ref('/root/it').tell('run' as never, undefined, { correlation: 'it' })
  await authorities.advance(2_000)
  const same = await replay(new Incident(journal, 'it'), { swarm: { root: rootOf(before) } })
  expect(same.divergences).toEqual([])
  const { divergences } = await replay(new Incident(journal, 'it'), { swarm: { root: rootOf(after) } })
  return divergences.map(({ kind, what }) => [kind, what])
}

const tells = (ctx: Context<unknown>, correlation?: string): void => {
  ctx.tell(ctx.ref(ref), 'heard', undefined, correlation === undefined ? {} : { correlation })
}
const never = (): Promise<never> => new Promise(() => undefined)

it('a turn that does not watch any more is told of, also when it tells something afterwards', async () => {
  const before: Handler = (ctx) => {
    ctx.watch(ctx.ref(ref))
    ctx.tell(ctx.ref(ref), 'heard', undefined, { correlation: 'behind the watch' })
  }
  const after: Handler = (ctx) => {
    tells(ctx, 'behind the watch')
  }
  expect(await changed(before, after)).toEqual([['missing', `watch "terminated" to ${ref} is missing`]])
})

it('a turn that ends a watch before it begins it, and not afterwards, is told of', async () => {
  const before: Handler = (ctx) => {
    ctx.watch(ctx.ref(ref))
    ctx.unwatch(ctx.ref(ref))
    ctx.watch(ctx.ref(ref), 'terminated')
  }
  const after: Handler = (ctx) => {
    ctx.watch(ctx.ref(ref))
    ctx.watch(ctx.ref(ref), 'terminated')
    ctx.unwatch(ctx.ref(ref))
  }
  expect(await changed(before, after)).toMatchObject([['order', expect.stringContaining('than recorded')]])
})

it.each<[string, Handler, Handler, string]>([
  [
    'a message',
    (ctx) => {
      tells(ctx, 'north')
    },
    (ctx) => {
      tells(ctx)
    },
    `tell "heard" to ${ref} is of another correlation: that of the turn instead of north`,
  ],
  [
    'a question',
    (ctx) => ctx.ask(ctx.ref(ref), 'asked', 'x'),
    (ctx) => ctx.ask(ctx.ref(ref), 'asked', 'x', { correlation: 'south' }),
    `ask "asked" to ${ref} is of another correlation: south instead of that of the turn`,
  ],
  [
    'a child',
    (ctx) => {
      ctx.spawn(kid, { name: 'kid', correlation: 'north' })
    },
    (ctx) => {
      ctx.spawn(kid, { name: 'kid', correlation: 'south' })
    },
    'spawn "kid" to kid is of another correlation: south instead of north',
  ],
])('%s that is sent with another correlation is told of', async (_what, before, after, what) => {
  expect(await changed(before, after)).toEqual([['payload', what]])
})

it('a question that is refused for the same reason and is another one is told of', async () => {
  const asks =
    (type: string): Handler =>
    async (ctx) => {
      ctx.state.seen.push(await ctx.ask(ctx.ref(ref), type as never).catch(() => 'refused'))
    }
  const found = await changed(asks('unheard of'), asks('unknown'))
  expect(found[0]).toEqual(['extra', `ask "unknown" to ${ref} was not recorded`])
})

it('a turn that no longer asks whether somebody lives is told of', async () => {
  const before: Handler = async (ctx) => {
    await ctx.lives(ctx.ref(ref))
  }
  expect(await changed(before, () => undefined)).toEqual([
    ['missing', 'it does not ask all that it was answered or refused'],
  ])
})

it('a turn that waits too long for the answer to another question is told of', async () => {
  const asks =
    (what: string): Handler =>
    (ctx) =>
      Promise.all([ctx.ask(ctx.ref(ref), 'asked', what), ctx.effect('look', never)])
  const found = await changed(asks('one'), asks('two'))
  expect(found).toEqual([['payload', `ask "asked" to ${ref} carries "two" instead of "one"`]])
})

it('a turn that leaves out the first thing that it waited for is told of, and goes on with the second', async () => {
  const before: Handler = async (ctx) => {
    await ctx.ask(ctx.ref(ref), 'asked', 'first')
    ctx.state.seen.push(await ctx.effect('look', () => 7))
  }
  const after: Handler = async (ctx) => {
    ctx.state.seen.push(await ctx.effect('look', () => 8))
  }
  const found = await changed(before, after)
  expect(found[0]).toEqual(['missing', `ask "asked" to ${ref} is missing`])
  expect(found.map((each) => (each as string[])[0])).not.toContain('outcome')
})

it('a turn that took too long over something of its own, and ends now, is told of', async () => {
  const found = await changed(
    () => never(),
    () => undefined,
  )
  expect(found).toMatchObject([
    ['outcome', expect.stringContaining('it is handled and was recorded as failed')],
  ])
})
