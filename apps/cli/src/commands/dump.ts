import { resolve } from 'node:path'
import { dump } from 'holdfast/data'
import { dataToRead, shownPath } from '../data-directory.js'
import { dataKeys } from '../data-keys.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count } from '../figures.js'
import { inert } from '../inert.js'
import { UsageError } from '../usage-error.js'
import type { Command } from './command.js'

/** Options of `dump`. */
export interface DumpCommandOptions {
  readonly output: string
  readonly at?: number
  readonly ndjson?: boolean
  readonly force?: boolean
  /** Paths of actors: only these are dumped. */
  readonly actors?: readonly string[]
  /** The code that wrote the log, for their states. */
  readonly swarm?: string
}

/** `holdfast dump [data] --output <file>`: a whole system as one file. */
export async function dumpData(
  given: string | undefined,
  { output: wanted, at, ndjson, force, swarm }: DumpCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  if (swarm !== undefined) throw swarmWithoutActors()
  const data = dataToRead(given, terminal)
  const file = resolve(terminal.cwd, wanted)
  const keys = dataKeys(terminal)
  const made = await dump({ data, file, at, keys, form: ndjson === true ? 'lines' : 'frames', force })
  if (output.json) {
    await output.document('dump', { data, file, ...made })
    return EXIT.ok
  }
  const { good, strong, warn } = output.paint
  const size = `${count(made.records, 'record')}, ${count(made.snapshots, 'snapshot')}`
  const where = strong(inert(shownPath(file, terminal.cwd)))
  await output.line(`${good('dumped')}  ${where}: ${size}, up to position ${made.position}`)
  if (keys !== undefined)
    await output.line(`${warn('in the open')}  the data are encrypted, and the file is not`)
  return EXIT.ok
}

function swarmWithoutActors(): UsageError {
  return new UsageError('A whole system is dumped without its code.', {
    field: 'swarm',
    hint: 'Leave --swarm out, or say which actors are dumped: --actors /bank/reserve.',
  })
}
