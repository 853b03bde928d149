import { actor, createSystem, type System } from 'holdfast'

// region: open
/** Nothing that this system stores holds one of these, nor anything that looks like a key. */
export function openDesk(data: string, secrets: () => readonly string[]): Promise<System> {
  return createSystem({ name: 'desk', data, root: desk, redact: { secrets, fields: ['iban'] } })
}
// end: open

// region: closure
/** Knows the key, and is no actor: nothing of it is in a message, an argument or a state. */
export class Provider {
  readonly #key: string

  constructor(key: string) {
    this.#key = key
  }

  async complete(prompt: string): Promise<{ text: string; headers: Record<string, string> }> {
    const headers = { authorization: `Bearer ${this.#key}` }
    return { text: await answerOf(prompt, headers), headers }
  }
}

let provider: Provider

/** Before the system is started, out of the environment or a vault. */
export function useProvider(given: Provider): void {
  provider = given
}

export const desk = actor({
  name: 'desk',
  state: () => ({ answers: [] as string[] }),
  on: {
    async ask(ctx, { prompt }: { prompt: string }) {
      const { text, headers } = await ctx.effect('complete', () => provider.complete(prompt))
      ctx.state.answers.push(text)
      return { text, headers }
    },
    answers: (ctx) => ctx.state.answers,
  },
})
// end: closure

// Stands for a service that repeats what it is told.
function answerOf(prompt: string, headers: Record<string, string>): Promise<string> {
  return Promise.resolve(`${prompt} (${headers['authorization'] ?? ''})`)
}
