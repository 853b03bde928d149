import {
  actor,
  child,
  dynamicSupervisor,
  keyed,
  partitions,
  supervisor,
  task,
  type HoldfastError,
  type System,
} from 'holdfast'

/** The service that translates, which is somewhere outside. */
export const translator = {
  translate: (text: string, _signal: AbortSignal): Promise<string> => Promise.resolve(text.toUpperCase()),
}

// region: chats
/** One conversation. */
const chat = actor({
  name: 'chat',
  state: ({ topic }: { topic: string }) => ({ topic, lines: [] as string[] }),
  on: {
    say(ctx, { line }: { line: string }) {
      ctx.state.lines.push(line)
    },
    close(ctx) {
      ctx.stop(ctx.self)
    },
  },
})

/** As many conversations as there are customers on the line, up to three at once. */
const chats = dynamicSupervisor({ name: 'chats', of: chat, maxChildren: 3, budget: { maxRestarts: 5 } })
// end: chats

// region: enter
const door = actor({
  name: 'door',
  on: {
    async enter(ctx, { customer, topic }: { customer: string; topic: string }) {
      try {
        await ctx.ask(ctx.ref(chats, '/desk/chats'), 'start', { id: customer, args: { topic } })
      } catch (error) {
        const { code } = error as HoldfastError
        if (code === 'HF_MAX_CHILDREN') return 'please hold the line'
        if (code !== 'HF_CHILD_RUNNING') throw error
      }
      ctx.tell(ctx.ref(tally, keyed('/desk/tallies', topic)), 'count', topic)
      return `you are at /desk/chats/${customer}`
    },
  },
})
// end: enter

// region: task
/** One text, once. */
const translate = task({
  name: 'translate',
  run: (ctx, text: string) =>
    ctx.effect('translate', (signal) => translator.translate(text, signal), { timeoutMs: 20_000 }),
})

/** Eight at a time, because the service takes no more. */
const translations = dynamicSupervisor({
  name: 'translations',
  of: translate,
  maxChildren: 8,
})

const interpreter = actor({
  name: 'interpreter',
  on: {
    async pass(ctx, { to, line }: { to: string; line: string }) {
      const translated = await ctx.ask(ctx.ref(translations, '/desk/translations'), 'run', line)
      ctx.tell(ctx.ref(chat, `/desk/chats/${to}`), 'say', { line: translated })
    },
  },
})
// end: task

// region: partitions
const tally = actor({
  name: 'tally',
  state: () => ({ counts: new Map<string, number>() }),
  on: {
    count(ctx, topic: string) {
      ctx.state.counts.set(topic, (ctx.state.counts.get(topic) ?? 0) + 1)
    },
    read: (ctx, topic: string) => ctx.state.counts.get(topic) ?? 0,
  },
})

/** Topics are spread over four of them. */
const tallies = partitions({ name: 'tallies', of: tally, count: 4 })

/** How often a topic came up. */
export function asked(system: System, topic: string): Promise<number> {
  return system.ref(tally, keyed('/desk/tallies', topic)).ask('read', topic)
}
// end: partitions

// region: desk
export const desk = supervisor({
  name: 'desk',
  children: [child(tallies), child(chats), child(translations), child(interpreter), child(door)],
})
// end: desk

// region: outside
/** Closes a conversation from outside, whatever is left to say. */
export async function hangUp(system: System, customer: string): Promise<void> {
  await system.ref(chats, '/desk/chats').ask('terminate', { id: customer })
}

/** Who is on the line, the first thousand of them. */
export async function onTheLine(system: System): Promise<string[]> {
  const children = await system.ref(chats, '/desk/chats').ask('which')
  return children.map(({ id }) => id)
}
// end: outside
