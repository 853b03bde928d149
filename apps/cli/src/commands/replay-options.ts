// What `replay` is told, and which of it goes together.

import type { UnrecordedRule } from 'holdfast/replay'
import type { KeyOptions } from '../incident-file.js'
import { UsageError } from '../usage-error.js'
import type { DataOption } from './command.js'

/** Options of `replay`. */
export interface ReplayCommandOptions extends DataOption, KeyOptions {
  /** Where the code is now, when it has moved since it wrote the log. */
  readonly swarm?: string
  /** Other code to replay the incident against: a file, or `git:REVISION`. */
  readonly against?: string
  /** The last position to be replayed. */
  readonly to?: number
  /** Whose state is shown. */
  readonly actor?: string
  readonly step?: boolean
  readonly diff?: boolean
  /** Other policies, as JSON or as a file. */
  readonly policy?: string
  readonly speed?: 'max' | number
  readonly all?: true | 'incidents' | 'correlations'
  readonly volatile?: readonly string[]
  readonly unrecorded?: UnrecordedRule
  readonly inspectBrk?: boolean
}

type Flag = keyof ReplayCommandOptions

const NAMES: Partial<Record<Flag, string>> = {
  inspectBrk: 'inspect-brk',
  keyFile: 'key-file',
  passphraseEnv: 'passphrase-env',
}

/** What each way of replaying has no use for. */
const ALONE: readonly { readonly flag: Flag; readonly without: readonly Flag[] }[] = [
  {
    flag: 'all',
    without: ['to', 'actor', 'step', 'diff', 'policy', 'speed', 'inspectBrk', 'keyFile', 'passphraseEnv'],
  },
  { flag: 'policy', without: ['against', 'to', 'actor', 'step', 'diff', 'volatile', 'speed', 'inspectBrk'] },
  { flag: 'step', without: ['actor', 'speed', 'inspectBrk'] },
  { flag: 'inspectBrk', without: ['speed'] },
]

/** @throws {UsageError} for options that do not go together */
export function checkReplay(
  wanted: string | undefined,
  options: ReplayCommandOptions,
  isJson: boolean,
): void {
  for (const { flag, without } of ALONE) {
    if (options[flag] === undefined) continue
    const other = without.find((each) => options[each] !== undefined)
    if (other !== undefined) refuse(flag, `--${nameOf(flag)} has no use for --${nameOf(other)}.`)
  }
  if (options.step === true && isJson)
    refuse('step', '--step speaks with a person, and --json with a program.')
  if (options.all !== undefined && wanted !== undefined)
    refuse('all', `--all replays all there are, and "${wanted}" names one.`)
  if (options.all === undefined && wanted === undefined)
    throw new UsageError('Replay what? There is no correlation.', {
      field: 'correlation',
      hint: 'Name one, or an incident file, or give --all; `holdfast incidents` lists what went wrong.',
    })
}

function nameOf(flag: Flag): string {
  return NAMES[flag] ?? flag
}

function refuse(flag: Flag, message: string): never {
  throw new UsageError(message, { field: nameOf(flag), hint: 'Leave one of them away.' })
}
