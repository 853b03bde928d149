// What flows from a definition: payloads, answers, arguments, state, without one annotation beside those of the handlers.

import { expectTypeOf } from 'vitest'
import {
  actor,
  allForOne,
  child,
  circuitBreaker,
  createSystem,
  oneForOne,
  registry,
  restForOne,
  supervisor,
  swarm,
  type ActorDefinition,
  type ActorRef,
  type AnswerOf,
  type ArgsOf,
  type CircuitOpenError,
  type Context,
  type Definition,
  type HandlersOf,
  type HoldfastError,
  type RegistryAnswer,
  type RegistryPage,
  type PayloadOf,
  type StandardSchema,
  type System,
} from './index.js'

class InsufficientFunds extends Error {
  readonly amount: number

  constructor(amount: number) {
    super(`${amount} is more than there is`)
    this.amount = amount
  }
}

declare function fetchRate(currency: string): Promise<number>

// Define -------------------------------------------------------------------------------------------------------------

export const account = actor({
  name: 'account',
  version: 2,
  state: (args: { currency: string }) => ({ balance: 0, currency: args.currency }),
  on: {
    deposit(ctx, { amount }: { amount: number }) {
      expectTypeOf(ctx.state).toEqualTypeOf<{ balance: number; currency: string }>()
      ctx.state.balance += amount
    },
    withdraw(ctx, { amount }: { amount: number }) {
      if (amount > ctx.state.balance) throw new InsufficientFunds(amount)
      ctx.state.balance -= amount
      ctx.tell(ctx.parent, 'withdrawn', { amount })
      return ctx.state.balance
    },
    balance: (ctx) => ctx.state.balance,
    async rate(ctx) {
      return ctx.effect('fetch-rate', () => fetchRate(ctx.state.currency), {
        timeoutMs: 2_000,
        retry: 'default',
      })
    },
  },
  onFailure: { InsufficientFunds: 'resume', default: 'restart' },
  mailbox: { capacity: 1_000, overflow: 'reject' },
})

const teller = actor({ name: 'teller', on: { hello: () => 'hello' } })
const tellers = supervisor({ name: 'tellers', strategy: oneForOne(), children: [child(teller)] })

export const bank = supervisor({
  name: 'bank',
  strategy: restForOne({ maxRestarts: 3, withinMs: 5_000 }),
  children: [
    child(account, { id: 'reserve', args: { currency: 'EUR' } }),
    child(tellers, { id: 'tellers', restart: 'transient' }),
  ],
})

expectTypeOf<ArgsOf<typeof account>>().toEqualTypeOf<{ currency: string }>()
type Protocol = HandlersOf<typeof account>
expectTypeOf<keyof Protocol>().toEqualTypeOf<'deposit' | 'withdraw' | 'balance' | 'rate'>()
expectTypeOf<PayloadOf<Protocol['deposit']>>().toEqualTypeOf<{ amount: number }>()
expectTypeOf<PayloadOf<Protocol['balance']>>().toEqualTypeOf<undefined>()
expectTypeOf<AnswerOf<Protocol['withdraw']>>().toEqualTypeOf<number>()
expectTypeOf<AnswerOf<Protocol['rate']>>().toEqualTypeOf<number>()

// @ts-expect-error the argument that the state is made from is missing
child(account)
// @ts-expect-error it is missing beside the id
child(account, { id: 'reserve' })
// @ts-expect-error it is missing a field
child(account, { args: {} })
// @ts-expect-error it has another type
child(account, { args: { currency: 1 } })
// @ts-expect-error there is no such restart type
child(account, { args: { currency: 'EUR' }, restart: 'always' })
// @ts-expect-error a backoff has a longest pause
child(teller, { backoff: { minMs: 100 } })
child(teller, { restart: 'transient', significant: true, backoff: { minMs: 100, maxMs: 1_000 } })
// @ts-expect-error there is no such auto-shutdown
supervisor({ name: 'odd', autoShutdown: 'some', children: [] })
// @ts-expect-error there is no such strategy
supervisor({ name: 'odd', strategy: 'one-for-one', children: [] })
// @ts-expect-error a definition is not a child spec
supervisor({ name: 'odd', children: [account] })
// @ts-expect-error there is no such directive
supervisor({ name: 'odd', children: [], onFailure: { default: 'panic' } })
// @ts-expect-error handlers are functions
actor({ name: 'odd', on: { go: 'there' } })
// @ts-expect-error there is no such overflow policy
actor({ name: 'odd', on: {}, mailbox: { overflow: 'explode' } })
allForOne({ maxRestarts: 1 })

// An actor without a state has an empty one, and one with nothing to say of its arguments takes none.
actor({
  name: 'stateless',
  on: {
    go(ctx) {
      expectTypeOf(ctx.state).toEqualTypeOf<Record<string, never>>()
    },
  },
})
expectTypeOf<ArgsOf<typeof teller>>().toEqualTypeOf<undefined>()

// A changed definition may be made from another one, for a what-if.
const generous = actor({ ...account.spec, on: { ...account.spec.on, balance: () => 1_000_000 } })
expectTypeOf<AnswerOf<HandlersOf<typeof generous>['balance']>>().toEqualTypeOf<number>()

// Schemas ------------------------------------------------------------------------------------------------------------

declare function schema<T>(): StandardSchema<T>
declare function coercing<Input, Output>(): StandardSchema<Input, Output>

export const checked = actor({
  name: 'checked',
  state: () => ({ sum: 0 }),
  messages: {
    add: schema<{ amount: number }>(),
    on: coercing<string, Date>(),
  },
  on: {
    add(ctx, { amount }) {
      expectTypeOf(amount).toEqualTypeOf<number>()
      ctx.state.sum += amount
    },
    on(_ctx, date) {
      expectTypeOf(date).toEqualTypeOf<Date>()
      return date.getTime()
    },
    free: (_ctx, text: string) => text.length,
  },
})
expectTypeOf<PayloadOf<HandlersOf<typeof checked>['add']>>().toEqualTypeOf<{ amount: number }>()
expectTypeOf<AnswerOf<HandlersOf<typeof checked>['free']>>().toEqualTypeOf<number>()

actor({
  name: 'against-schema',
  messages: { add: schema<{ amount: number }>() },
  on: {
    // @ts-expect-error the handler wants another payload than the schema makes
    add: (_ctx, text: string) => text,
  },
})

// Run ----------------------------------------------------------------------------------------------------------------

export async function run(): Promise<void> {
  await using system = await createSystem({ name: 'bank', data: './data', root: bank })
  expectTypeOf(system).toEqualTypeOf<System>()
  const reserve = system.ref(account, '/bank/reserve')
  expectTypeOf(reserve).toEqualTypeOf<ActorRef<Protocol>>()
  reserve.tell('deposit', { amount: 5 })
  expectTypeOf(await reserve.ask('withdraw', { amount: 2 })).toEqualTypeOf<number>()
  expectTypeOf(
    await reserve.ask('balance', undefined, { timeoutMs: 500, correlation: 'incident-123' }),
  ).toEqualTypeOf<number>()
  expectTypeOf(await reserve.ask('balance')).toEqualTypeOf<number>()
  expectTypeOf(await reserve.ask('rate')).toEqualTypeOf<number>()
  expectTypeOf(await reserve.ask('deposit', { amount: 1 })).toEqualTypeOf<void>()
  reserve.tell('balance')
  reserve.tell('deposit', { amount: 5 }, { correlation: 'incident-123' })
  await system.flushed()
  system.on('dead-letter', ({ to, reason }) => {
    expectTypeOf(to).toEqualTypeOf<string>()
    expectTypeOf(reason).toExtend<string>()
  })
  system.tree()
  system.inspect('/bank/reserve')
  await system.stop()

  // @ts-expect-error the payload has another type
  reserve.tell('deposit', { amount: '5' })
  // @ts-expect-error the payload lacks a field
  reserve.tell('deposit', {})
  // @ts-expect-error the payload is missing
  reserve.tell('deposit')
  // @ts-expect-error there is no such message
  reserve.tell('rob', { amount: 5 })
  // @ts-expect-error this message carries nothing
  reserve.tell('balance', { amount: 5 })
  // @ts-expect-error a tell does not wait
  reserve.tell('balance', undefined, { timeoutMs: 5 })
  // @ts-expect-error there is no such event
  system.on('no-such-event', () => undefined)

  // A ref of which only the path is known takes any message.
  const anything = system.ref('/bank/reserve')
  anything.tell('deposit', { amount: 5 })
  anything.tell('balance')
  expectTypeOf(await anything.ask('balance')).toEqualTypeOf<unknown>()
}

export const bankSwarm = swarm({
  name: 'bank',
  root: bank,
  on: {
    ready(system) {
      expectTypeOf(system).toEqualTypeOf<System>()
    },
  },
})

// Inside a handler ---------------------------------------------------------------------------------------------------

export const asker = actor({
  name: 'asker',
  spawns: [account, teller],
  state: () => ({ reserve: undefined as ActorRef<Protocol> | undefined }),
  onStart(ctx) {
    ctx.state.reserve = ctx.spawn(account, { name: 'mine', args: { currency: 'EUR' } })
    ctx.spawn(teller)
    // @ts-expect-error the argument is missing
    ctx.spawn(account)
    // @ts-expect-error the argument has another type
    ctx.spawn(account, { args: { currency: 1 } })
    // @ts-expect-error the argument lacks a field
    ctx.spawn(account, { args: {} })
  },
  onStop: (ctx) => {
    expectTypeOf(ctx).toExtend<Context<{ reserve: ActorRef<Protocol> | undefined }>>()
  },
  on: {
    async use(ctx) {
      const reserve = ctx.ref(account, '/bank/reserve')
      ctx.tell(reserve, 'deposit', { amount: 1 })
      expectTypeOf(await ctx.ask(reserve, 'withdraw', { amount: 1 })).toEqualTypeOf<number>()
      expectTypeOf(await ctx.ask(reserve, 'balance', undefined, { timeoutMs: 1 })).toEqualTypeOf<number>()
      expectTypeOf(await ctx.effect('text', () => Promise.resolve('x'))).toEqualTypeOf<string>()
      expectTypeOf(await ctx.effect('text', (signal) => signal.aborted)).toEqualTypeOf<boolean>()
      // @ts-expect-error the payload has another type
      ctx.tell(reserve, 'deposit', { amount: '1' })
      // @ts-expect-error there is no such message
      ctx.tell(reserve, 'rob', { amount: 1 })
      // @ts-expect-error the payload is missing
      await ctx.ask(reserve, 'withdraw')
      // @ts-expect-error a timer needs its time
      ctx.schedule('use', undefined, {})
      ctx.tell(ctx.self, 'use')
      if (ctx.sender !== undefined) ctx.tell(ctx.sender, 'whatever', { n: 1 })
      ctx.watch(reserve)
      ctx.stop(ctx.self)
      ctx.stop(reserve, 'drain')
      ctx.link(reserve)
      ctx.dependOn(reserve)
      ctx.unlink(reserve)
      // @ts-expect-error a path is not a ref
      ctx.link('/bank/reserve')
      // @ts-expect-error there is no such way to stop
      ctx.stop(reserve, 'gently')
      // @ts-expect-error what a turn starts may end
      ctx.spawn(teller, { restart: 'permanent' })
      ctx.log.info('used', { at: ctx.now() })
      // @ts-expect-error the state is not a number
      ctx.state = 1
    },
  },
})

expectTypeOf(account).toExtend<Definition>()
expectTypeOf(account).toExtend<
  ActorDefinition<{ balance: number; currency: string }, { currency: string }, Protocol>
>()

// Guard calls --------------------------------------------------------------------------------------------------------

const rates = circuitBreaker({ name: 'rates', clock: () => performance.now() })
expectTypeOf(await rates.run(() => fetchRate('EUR'))).toEqualTypeOf<number>()
expectTypeOf(await rates.run(() => 'cached')).toEqualTypeOf<string>()
// @ts-expect-error a breaker is told the time
circuitBreaker({ name: 'rates' })
expectTypeOf<CircuitOpenError>().toExtend<HoldfastError>()
// Names --------------------------------------------------------------------------------------------------------------

const names = registry({ name: 'names', maxNames: 100 })
child(names)

export const seeker = actor({
  name: 'seeker',
  on: {
    async seek(ctx) {
      const directory = ctx.ref(names, '/bank/names')
      expectTypeOf(await ctx.ask(directory, 'register', { name: 'x' })).toEqualTypeOf<RegistryAnswer>()
      expectTypeOf(
        await ctx.ask(directory, 'join', { group: 'g', ref: ctx.self }),
      ).toEqualTypeOf<RegistryAnswer>()
      expectTypeOf(await ctx.ask(directory, 'whereis', { name: 'x' })).toEqualTypeOf<ActorRef | undefined>()
      expectTypeOf(await ctx.ask(directory, 'members', { group: 'g' })).toEqualTypeOf<readonly ActorRef[]>()
      expectTypeOf(await ctx.ask(directory, 'names')).toEqualTypeOf<RegistryPage>()
      expectTypeOf(await ctx.lives(directory)).toEqualTypeOf<boolean>()
      ctx.tell(directory, 'publish', { group: 'g', type: 'hello' })
      // @ts-expect-error a name is a text
      ctx.tell(directory, 'register', { name: 7 })
      // @ts-expect-error only the runtime says who has ended
      ctx.tell(directory, 'terminated', { path: '/x', reason: 'normal' })
    },
  },
})
