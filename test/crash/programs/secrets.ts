// A swarm that is handed secrets in every place where it may be handed something, and makes some of its own. Argument: the
// data directory. It prints `settled` when everything is on stable storage, and goes on until it is killed.

import {
  actor,
  child,
  machine,
  machineAuthorities,
  registry,
  supervisor,
  System,
  virtualActors,
} from '@holdfast/kernel'
import { openJournal, type Journal, type RedactOptions } from '@holdfast/journal'
import { assign, setup } from 'xstate'
import { print } from './print.js'

/** Registered, and found in every form. */
export const SECRET = 'correct/horse+battery "staple"\\7'
/** Nobody has registered these: they are told by how they look, and by where they stand. */
export const TOKEN = 'ghp_9fT2kLmN0pQrStUvWxYz1234567890AbCdEf'
export const COOKIE = 'session=chocolate-chip'

export const REDACT: RedactOptions = { secrets: [SECRET] }

const base64 = Buffer.from(`{"key":"${SECRET}"}`).toString('base64')

/** The secret everywhere in one value. */
export function loaded(): Record<string, unknown> {
  return {
    text: `use ${SECRET} and ${TOKEN}`,
    deep: [[{ list: ['x', [SECRET]] }]],
    map: new Map<unknown, unknown>([
      [SECRET, 1],
      ['in', new Set([SECRET, TOKEN])],
    ]),
    [SECRET]: true,
    headers: { Authorization: `Bearer ${SECRET}`, 'Set-Cookie': [COOKIE], cookie: COOKIE },
    entries: [['cookie', COOKIE]],
    request: `GET / HTTP/1.1\r\nCookie: ${COOKIE}\r\nHost: example.org`,
    tool: JSON.stringify({ headers: { 'Set-Cookie': COOKIE } }),
    bytes: Buffer.from(`raw ${SECRET}`),
    array: new Uint8Array(Buffer.from(SECRET)),
    base64,
    hex: Buffer.from(SECRET).toString('hex'),
    url: `https://example.org/?key=${encodeURIComponent(SECRET)}`,
    argument: JSON.stringify({ key: SECRET }),
    json: JSON.stringify({ args: JSON.stringify({ key: SECRET }) }),
    error: new Error(`no ${SECRET}`, { cause: new Error(SECRET) }),
  }
}

/** Keeps what it is told, so that its snapshots hold it. */
export const keeper = actor({
  name: 'keeper',
  state: (args: unknown) => ({ kept: [args] as unknown[], isOpen: true }),
  snapshot: { everyBytes: 1_000 },
  digestEvery: 1,
  on: {
    take(ctx, thing: unknown) {
      ctx.state.kept.push(thing)
      return thing
    },
    later(ctx, thing: unknown) {
      ctx.schedule('take', thing, { afterMs: 20 })
      ctx.schedule('take', { at: 'noon', thing }, { afterMs: 86_400_000, key: 'noon' })
    },
    hold(ctx, thing: unknown) {
      if (ctx.state.isOpen) ctx.stash()
      else ctx.state.kept.push(thing)
    },
    close(ctx) {
      ctx.state.isOpen = false
      ctx.unstash()
    },
    aside(ctx, _: unknown) {
      ctx.stash()
    },
  },
})

/** Has the secret from outside of its messages, as one would who forgets himself. */
export const caller = actor({
  name: 'caller',
  state: () => ({ seen: [] as unknown[] }),
  spawns: [keeper],
  digestEvery: 1,
  snapshot: { everyBytes: 1_000 },
  onFailure: { default: 'resume' },
  on: {
    async call(ctx) {
      ctx.state.seen.push(await ctx.effect('call', loaded))
      try {
        await ctx.effect('refused', () => {
          throw Object.assign(new RangeError(`refused ${SECRET}`, { cause: new Error(SECRET) }), {
            key: SECRET,
          })
        })
      } catch (error) {
        ctx.state.seen.push((error as Error).message, (error as Error).stack?.includes(SECRET))
      }
      ctx.state.seen.push(await ctx.ask(ctx.ref(keeper, '/root/keeper'), 'take', { asked: SECRET }))
      return { answer: SECRET, ...loaded() }
    },
    tell(ctx) {
      ctx.tell(ctx.ref(keeper, '/root/keeper'), 'take', loaded())
      ctx.tell(ctx.ref(keeper, '/root/keeper'), 'take', 'named', { correlation: `by ${SECRET}` })
      ctx.tell(ctx.ref(keeper, `/root/${TOKEN}`), 'take', 1)
      ctx.spawn(keeper, { args: { key: SECRET } })
    },
    refused(ctx) {
      for (const step of [
        () => ctx.spawn(keeper, { name: TOKEN }),
        () => ctx.schedule('refused', undefined, { afterMs: 1, key: SECRET }),
        () => ctx.tell(ctx.ref(keeper, '/root/keeper'), `type ${SECRET}` as 'take', 1),
        () => ctx.tell(ctx.ref(keeper, '/root/keeper'), 'take', { [SECRET]: () => undefined }),
      ]) {
        try {
          step()
        } catch (error) {
          ctx.state.seen.push((error as Error).message)
        }
      }
    },
    fail() {
      throw Object.assign(new TypeError(`failed with ${SECRET}`, { cause: new Error(SECRET) }), {
        key: SECRET,
      })
    },
  },
})

/** Puts the secret into its state. */
export const hoarder = actor({
  name: 'hoarder',
  state: () => ({ token: '', turns: 0 }),
  digestEvery: 1,
  snapshot: { everyBytes: 100 },
  on: {
    hoard(ctx, _: string) {
      ctx.state.token = SECRET
      return ++ctx.state.turns
    },
  },
})

const contextMachine = setup({
  types: { context: {} as { said: unknown[] }, events: {} as { type: 'SAY'; what: unknown } },
}).createMachine({
  context: { said: [] },
  on: { SAY: { actions: assign({ said: ({ context, event }) => [...context.said, event.what] }) } },
})

const talker = machine({ name: 'talker', machine: contextMachine, snapshot: { everyBytes: 500 } })
const names = registry({ name: 'names' })
const claimant = actor({
  name: 'claimant',
  on: {
    claim: (ctx, name: string) => ctx.ask(ctx.ref(names, '/root/names'), 'register', { name }),
    find: (ctx, name: string) => ctx.ask(ctx.ref(names, '/root/names'), 'whereis', { name }),
  },
})
const cart = actor({ name: 'cart', on: { add: (_, item: string) => item } })
const carts = virtualActors({ name: 'carts', of: cart, idleMs: 1_000 })

export const root = supervisor({
  name: 'root',
  children: [
    child(keeper, { args: { key: SECRET, text: TOKEN } }),
    child(caller),
    child(hoarder),
    child(talker),
    child(names),
    child(claimant),
    child(carts),
  ],
})

/** A system on a directory whose log moves into segments at once. */
export async function open(dir: string, redact: RedactOptions | undefined = REDACT): Promise<System> {
  const authorities = machineAuthorities()
  const segments = { tailBytes: 4_096, segmentBytes: 8_192 }
  const log: Journal = openJournal({ dir, authorities, redact, segments })
  const refs = (make: (path: string) => unknown): void => {
    log.codec.ref = make
  }
  return System.start({ name: `secrets ${TOKEN}`, root, log, authorities, refs, checkpointEvery: 64 })
}

/** Hands the secrets in, wherever there is a way. @returns what a caller outside has seen */
export async function hand(system: System): Promise<unknown[]> {
  const kept = system.ref(keeper, '/root/keeper')
  const called = system.ref(caller, '/root/caller')
  const failed = (error: unknown): unknown => error
  const seen: unknown[] = [await kept.ask('take', loaded(), { correlation: `order ${SECRET}` })]
  kept.tell('later', loaded())
  kept.tell('hold', loaded())
  kept.tell('close')
  kept.tell('aside', loaded())
  seen.push(await called.ask('call', undefined, { correlation: 'call' }))
  await called.ask('tell', undefined, { correlation: 'tell' })
  await called.ask('refused', undefined, { correlation: 'refused' })
  seen.push(await called.ask('fail', undefined, { correlation: 'fail' }).catch(failed))
  for (let i = 0; i < 20; i++)
    await system.ref(hoarder, '/root/hoarder').ask('hoard', `${i}`, { correlation: 'hoard' })
  system.ref(talker, '/root/talker').tell('SAY', { what: loaded() })
  const claims = system.ref(claimant, '/root/claimant')
  await claims.ask('claim', SECRET)
  seen.push(((await claims.ask('find', SECRET)) as { path: string }).path)
  try {
    system.get(cart, TOKEN).tell('add', 'milk')
  } catch (error) {
    seen.push(error)
  }
  await system.flushed()
  return seen
}

const [dir] = process.argv.slice(2)
if (dir !== undefined) {
  const system = await open(dir)
  for (let i = 0; i < 5; i++) await hand(system)
  print('settled')
  for (;;) await hand(system)
}
