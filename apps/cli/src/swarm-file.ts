// A swarm file is a module whose default export was made by `swarm()`. TypeScript is loaded through tsx, and only when
// the file is TypeScript: loading tsx costs a third of a second.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HoldfastError } from '@holdfast/kernel'
import type { Swarm } from 'holdfast'

/** A swarm with the absolute path of the file that it came from. */
export interface LoadedSwarm {
  readonly file: string
  readonly swarm: Swarm
}

/** Loads a module by its URL. */
export type LoadModule = (url: string) => Promise<unknown>

/** Loads a swarm file. @throws {HoldfastError} `HF_SWARM_UNLOADABLE` with the reason and what to do */
export async function loadSwarm(
  file: string,
  cwd: string,
  load: LoadModule = importModule,
): Promise<LoadedSwarm> {
  const path = resolve(cwd, file)
  if (!existsSync(path)) {
    throw unloadable(
      `There is no file ${path}.`,
      'Give the path of a swarm file: a module with `export default swarm({ ... })`.',
    )
  }
  let module: unknown
  try {
    await registerTypeScript(path)
    module = await load(pathToFileURL(path).href)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw unloadable(`${path} does not load: ${reason}`, hintFor(error), error)
  }
  return { file: path, swarm: swarmOf(module, path) }
}

const importModule: LoadModule = (url) => import(url)

function swarmOf(module: unknown, path: string): Swarm {
  const exported = (module as { readonly default?: unknown }).default
  if (isSwarm(exported)) return exported
  // A module that was compiled to CommonJS carries its default export one level down.
  const inner = (exported as { readonly default?: unknown } | null | undefined)?.default
  if (isSwarm(inner)) return inner
  const what = exported === undefined ? 'has no default export' : 'has a default export that is not a swarm'
  throw unloadable(
    `${path} ${what}.`,
    'Export what is to be run: `export default swarm({ name, root })`, with `swarm` from "holdfast".',
  )
}

function isSwarm(value: unknown): value is Swarm {
  return (
    typeof value === 'object' && value !== null && (value as { readonly kind?: unknown }).kind === 'swarm'
  )
}

const TYPESCRIPT = new Set(['.ts', '.mts', '.cts', '.tsx'])

/** Whether Node needs help with a file. */
export function isTypeScript(path: string): boolean {
  return TYPESCRIPT.has(extname(path))
}

const registered = new Set<'esm' | 'cjs'>()

/** Has Node load a swarm file in TypeScript, and what it imports. Whoever seals the process does this before. */
export async function registerTypeScript(path: string): Promise<void> {
  if (!isTypeScript(path)) return
  // Without a namespace, so that the swarm's `holdfast` is this one and not a second copy.
  if (!registered.has('esm')) (await import('tsx/esm/api')).register()
  registered.add('esm')
  if (isModule(path) || registered.has('cjs')) return
  // Outside of a package of type "module" Node takes the file for CommonJS, which has a loader of its own.
  const commonJs = await import('tsx/cjs/api')
  commonJs.register()
  registered.add('cjs')
}

function isModule(path: string): boolean {
  const extension = extname(path)
  if (extension === '.mts') return true
  if (extension === '.cts') return false
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest)) return /"type"\s*:\s*"module"/.test(readFileSync(manifest, 'utf8'))
    if (folder === dirname(folder)) return false
  }
}

function hintFor(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code
  if (code === 'ERR_MODULE_NOT_FOUND') return 'Install what it imports, and check the paths of its imports.'
  if (error instanceof HoldfastError) return error.hint ?? 'Mend the definition.'
  return 'Mend the file; --verbose shows where it failed.'
}

function unloadable(message: string, hint: string, cause?: unknown): HoldfastError {
  return new HoldfastError('HF_SWARM_UNLOADABLE', message, { field: 'swarm', hint, cause })
}
