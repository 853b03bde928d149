// Systems with real worker threads, for tests. Their modules are TypeScript, so each thread needs a loader.

import type { System } from 'holdfast'

const loader = new URL('./load-sources.mjs', import.meta.url).href

/** Flags with which a thread reads the sources. */
export const EXEC_ARGV = ['--conditions=@holdfast/source', '--import', loader]

/** What somebody was answered, or was refused with. */
export type Answered = { readonly ok: unknown } | { readonly error: string }

/** Asks, and says how it went. */
export async function asked(system: System, path: string, type: string, payload?: unknown): Promise<Answered> {
  try {
    return { ok: await system.ref(path).ask(type, payload, { timeoutMs: 20_000 }) }
  } catch (error) {
    return { error: rootCode(error) }
  }
}

/** The code of the failure that is at the bottom of an error. */
export function rootCode(error: unknown): string {
  const { cause, code, name } = error as { cause?: unknown; code?: string; name: string }
  if (cause !== undefined && cause !== null && typeof cause === 'object' && 'message' in cause) return rootCode(cause)
  return code ?? name
}
