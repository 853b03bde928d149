// Systems with real worker threads, for tests. What runs in a thread is put into one file first: compiling the sources anew in
// each of them would take seconds.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { PoolOptions, System } from 'holdfast'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const entry = fileURLToPath(new URL('../../../packages/holdfast/src/thread.ts', import.meta.url))

/** What threads of a test load. */
export interface Bundle {
  /** Where the definitions are, for `threads.module`. */
  readonly module: string
  /** Options of a pool, with the flags that its threads need. */
  pool(options?: PoolOptions): PoolOptions
  remove(): void
}

/** Puts the definitions of a module, and what runs them, into one file. */
export async function bundled(fixture: URL): Promise<Bundle> {
  const cache = join(root, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const dir = mkdtempSync(join(cache, 'threads-'))
  const outfile = join(dir, 'thread.cjs')
  const said = [entry, fileURLToPath(fixture)].map((file) => JSON.stringify(file))
  await build({
    stdin: { contents: `export { doTask } from ${said[0]!}; export * from ${said[1]!}`, resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    conditions: ['@holdfast/source'],
    external: ['lmdb', 'msgpackr', 'piscina', 'xstate'],
    define: { 'import.meta.url': 'fileUrl' },
    banner: { js: 'const fileUrl = require("node:url").pathToFileURL(__filename).href' },
  })
  const hook = join(dir, 'hook.cjs')
  const takes = `(module) => { module.exports = require(${JSON.stringify(outfile)}) }`
  writeFileSync(hook, `require("node:module")._extensions[".ts"] = ${takes}\n`)
  return {
    module: pathToFileURL(outfile).href,
    pool: (options = {}) => ({ ...options, execArgv: ['--require', hook] }),
    remove: () => {
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** What somebody was answered, or was refused with. */
export type Answered = { readonly ok: unknown } | { readonly error: string }

/** Asks, and says how it went. */
export async function asked(
  system: System,
  path: string,
  type: string,
  payload?: unknown,
): Promise<Answered> {
  try {
    return { ok: await system.ref(path).ask(type, payload, { timeoutMs: 20_000 }) }
  } catch (error) {
    return { error: rootCode(error) }
  }
}

/** The code of the failure that is at the bottom of an error. */
function rootCode(error: unknown): string {
  const { cause, code, name } = error as { cause?: unknown; code?: string; name: string }
  if (typeof cause === 'object' && cause !== null && 'message' in cause) return rootCode(cause)
  return code ?? name
}
