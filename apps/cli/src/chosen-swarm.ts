// Which code an incident is replayed on, and how it is loaded: the file that wrote the log, one that somebody names, or a
// revision of the repository that holds it. The process is sealed before the code is loaded and until all is done with it.

import { resolve } from 'node:path'
import { checkOut, revisionIn, type GitRevision } from './git-revision.js'
import { loadSealed, type SealedSwarm } from './sealed.js'
import { EXIT } from './exit-codes.js'
import type { LoadedSwarm } from './swarm-file.js'
import type { Terminal } from './terminal.js'
import { UsageError } from './usage-error.js'

/** How a swarm is chosen. */
export interface SwarmChoice {
  /** Where the code is now. */
  readonly swarm?: string
  /** Other code: a file, or `git:REVISION` of the one above. */
  readonly against?: string
  /** What the log says. */
  readonly origin?: string | undefined
  /** Whether effects that are let through may leave the process. @default false */
  readonly live?: boolean
}

/** A swarm that was chosen. */
export interface ChosenSwarm extends LoadedSwarm {
  readonly revision: Pick<GitRevision, 'name' | 'commit'> | undefined
}

/**
 * Loads the chosen swarm in a sealed process, and opens it again when `use` has ended.
 *
 * @throws {UsageError} when no code is named, or it cannot be had
 * @throws {HoldfastError} `HF_SWARM_UNLOADABLE`
 */
export async function withSwarm<T>(
  choice: SwarmChoice,
  terminal: Terminal,
  use: (chosen: ChosenSwarm) => Promise<T>,
): Promise<T> {
  const { swarm, against, origin, live = false } = choice
  const name = against === undefined ? undefined : revisionIn(against)
  if (name === undefined && swarm !== undefined && against !== undefined) {
    throw new UsageError('--swarm and --against both say which code to run.', {
      field: 'against',
      hint: 'Give one of them.',
    })
  }
  const file = (name === undefined ? against : undefined) ?? swarm ?? origin
  if (file === undefined) throw noSwarm()
  const revision = name === undefined ? undefined : checkOut(name, resolve(terminal.cwd, file))
  let sealed: SealedSwarm | undefined
  const end = (): void => {
    sealed?.seal.open()
    revision?.remove()
  }
  // Without a revision nothing is to be tidied up, and the signal may end the process as it always does.
  const stopListening =
    revision === undefined
      ? undefined
      : terminal.onSignal((signal) => {
          end()
          terminal.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated)
        })
  try {
    sealed = await loadSealed(revision?.file ?? file, terminal.cwd, { live })
    return await use({ ...sealed.loaded, revision })
  } finally {
    stopListening?.()
    end()
  }
}

function noSwarm(): UsageError {
  return new UsageError('Nothing says which swarm file to run it on.', {
    field: 'swarm',
    hint: 'A log remembers the file that `holdfast run` was given, an incident file does not. Give it: --swarm FILE.',
  })
}
