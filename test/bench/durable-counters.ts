import { type ActorRef, actor, child, createSystem, type HandlersOf, type KeyRing } from 'holdfast'
import { ACTORS } from './bare-log.js'
import { benchRoot } from './holdfast-root.js'

/** A recovery that starts from snapshots replays next to nothing, and their bytes are not those of the messages. */
const NEVER = { everyBytes: Number.MAX_SAFE_INTEGER }

const counterWith = (snapshot: { readonly everyBytes?: number }, digestEvery: number | undefined) =>
  actor({
    name: 'counter',
    state: () => ({ n: 0 }),
    snapshot,
    ...(digestEvery === undefined ? {} : { digestEvery }),
    on: {
      add(ctx, { amount }: { amount: number }) {
        ctx.state.n += amount
      },
      total: (ctx) => ctx.state.n,
    },
  })

export type Counter = ActorRef<HandlersOf<ReturnType<typeof counterWith>>>

/** What the counters and their log are like. */
export interface CounterOptions {
  readonly snapshot?: { readonly everyBytes?: number }
  readonly digestEvery?: number
  readonly keys?: KeyRing
  readonly checkpointEvery?: number
  /** @default as many as the bare log has */
  readonly actors?: number
}

/** A durable system of counters; without snapshots unless it says otherwise, and all else as by default. */
export async function openCounters(
  data: string,
  { snapshot = NEVER, digestEvery, keys, checkpointEvery, actors = ACTORS }: CounterOptions = {},
) {
  const counter = counterWith(snapshot, digestEvery)
  const root = benchRoot(Array.from({ length: actors }, (_, i) => child(counter, { id: `counter-${i}` })))
  const system = await createSystem({ name: 'bench', data, root, keys, checkpointEvery })
  const counters: Counter[] = root.children.map(({ id }) => system.ref(counter, `/bench/${id}`))
  return { system, counters }
}

/** What all counters add up to, read one after the other. */
export async function totalOf(counters: readonly Counter[]): Promise<number> {
  let total = 0
  for (const each of counters) total += await each.ask('total')
  return total
}

/** Tells the counters in turn and waits for the disk after every burst, so that admission never refuses one. */
export async function tellInTurn(
  { system, counters }: Awaited<ReturnType<typeof openCounters>>,
  messages: number,
  tell: (counter: Counter, message: number) => void = (each) => each.tell('add', { amount: 5 }),
): Promise<void> {
  const burst = 50_000
  for (let told = 0; told < messages;) {
    for (const end = Math.min(told + burst, messages); told < end; told++) {
      tell(counters[told % counters.length]!, told)
    }
    await system.flushed()
  }
}
