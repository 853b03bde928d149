// Loads a swarm file in a sealed process: what its modules do when they are loaded stays in it, like all that runs later.
// What translates TypeScript is set up before the seal, because it opens a pipe then; it keeps nothing on the disk, and
// one thread is let through, the compiler's own.

import { createRequire } from 'node:module'
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { sealProcess, type Seal } from '@holdfast/replay'
import { loadSwarm, registerTypeScript, type LoadedSwarm } from './swarm-file.js'

/** A swarm that was loaded in a sealed process. */
export interface SealedSwarm {
  readonly loaded: LoadedSwarm
  /** Opens the process again. */
  readonly seal: Seal
}

/**
 * Seals this process, but for `files`, and loads a swarm file. With `live`, effects that a replay does for real are let
 * through.
 *
 * @throws {HoldfastError} `HF_SWARM_UNLOADABLE`; then the process is not sealed any more
 */
export async function loadSealed(
  file: string,
  cwd: string,
  { live = false, files = [] }: { readonly live?: boolean; readonly files?: readonly string[] } = {},
): Promise<SealedSwarm> {
  // Read when tsx is loaded. A cache that nobody can write to would have every file fail that is not in it.
  process.env['TSX_DISABLE_CACHE'] = '1'
  await registerTypeScript(resolve(cwd, file))
  const seal = sealProcess({ live, files, workers: (worker) => worker === compiler() })
  try {
    return { loaded: await loadSwarm(file, cwd), seal }
  } catch (error) {
    seal.open()
    throw error
  }
}

// Where tsx finds it, so that a file of the swarm that has its name is none.
function compiler(): string | undefined {
  try {
    const tsx = createRequire(import.meta.url).resolve('tsx/package.json')
    return realpathSync(createRequire(tsx).resolve('esbuild'))
  } catch {
    return undefined
  }
}
