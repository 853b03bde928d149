// Actors that can stand still in every way there is, and some beside them that do not.

import { execFileSync } from 'node:child_process'
import { actor, child, oneForOne, supervisor, type Context } from 'holdfast'

/** What the actors wait for when they are to wait; the program says what. */
export const outside = { gate: (): Promise<unknown> => Promise.resolve() }

/** Turns for ever. */
function turnForEver(): void {
  for (;;);
}

// Longer than anybody waits.
const EVIL = `${'a'.repeat(60)}!`

async function hold(ctx: Context<unknown>): Promise<void> {
  await ctx.effect('gate', () => outside.gate())
}

const handlers = {
  spin: turnForEver,
  match: () => /^(a+)+$/.test(EVIL),
  block: () => void execFileSync('sleep', ['3']),
  blockShortly: () => void execFileSync('sleep', ['0.7']),
  spinShortly() {
    for (const until = performance.now() + 1_000; performance.now() < until;);
  },
  hold,
  async spinLater(ctx: Context<unknown>) {
    await hold(ctx)
    turnForEver()
  },
  async spinInEffect(ctx: Context<unknown>) {
    await ctx.effect('loop', turnForEver)
  },
}

/** Stands still when it is told to. */
const spinner = actor({
  name: 'spinner',
  state: () => ({ sum: 0 }),
  on: {
    ...handlers,
    add(ctx, { n }: { n: number }) {
      ctx.state.sum += n
      return ctx.state.sum
    },
  },
})

/** The same, and nothing of it is in the log. */
const loose = actor({ name: 'loose', durable: false, state: () => ({}), on: handlers })

/** Has others stand still. */
const source = actor({
  name: 'source',
  state: () => ({ told: 0, heard: '' }),
  on: {
    hold,
    seed(ctx, { to, type }: { to: string; type: string }) {
      ctx.state.told++
      ctx.tell(ctx.ref(to), type)
    },
    async asks(ctx, { to, type }: { to: string; type: string }) {
      ctx.state.heard = await ctx.ask(ctx.ref(to), type).then(
        () => 'answered',
        (error: unknown) => (error as { code: string }).code,
      )
    },
    heard: (ctx) => ctx.state.heard,
  },
})

/** Counts. */
const counter = actor({
  name: 'counter',
  state: () => ({ sum: 0 }),
  on: {
    add(ctx, { n }: { n: number }) {
      ctx.state.sum += n
      return ctx.state.sum
    },
  },
})

/** All of them. */
export const stalling = supervisor({
  name: 'root',
  strategy: oneForOne({ maxRestarts: 5, withinMs: 60_000 }),
  children: [
    child(spinner, { id: 'spinner' }),
    child(loose, { id: 'loose' }),
    child(source, { id: 'source' }),
    child(counter, { id: 'counter' }),
  ],
})
