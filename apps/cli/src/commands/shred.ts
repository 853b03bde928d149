import { createSystem } from 'holdfast'
import { dataToRead, shownPath } from '../data-directory.js'
import { dataKeys, subjectKeys } from '../data-keys.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count } from '../figures.js'
import { inert } from '../inert.js'
import { loadSwarm } from '../swarm-file.js'
import { UsageError } from '../usage-error.js'
import type { Command, DataOption } from './command.js'

/** Options of `shred`. */
export interface ShredCommandOptions extends DataOption {
  /** The swarm that runs on the data. */
  readonly swarm: string
  /** Seconds that others have to end what they do for the subject. */
  readonly timeout?: string
}

/** `holdfast shred <subject>`: destroys what belongs to a subject, on data that nobody has open. */
export async function shred(
  subject: string,
  options: ShredCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const data = dataToRead(options.data, terminal)
  const keys = subjectKeys(terminal)
  if (keys === undefined)
    throw new UsageError('No keys of subjects were given.', {
      field: 'subject-keys',
      hint: 'Give the folder that the system was run with: --subject-keys DIR.',
    })
  const timeoutMs = timeoutOf(options.timeout)
  const { swarm, file } = await loadSwarm(options.swarm, terminal.cwd)
  const { name, root, args, definitions } = swarm
  const given = { name, root, args, definitions, data, origin: file }
  await using system = await createSystem({ ...given, keys: dataKeys(terminal), subjectKeys: keys })
  const { subject: id, ended, kept } = await system.shred(subject, { timeoutMs })
  if (output.json) await output.document('shred', { data, subject: id, ended, kept })
  else {
    const what = `${count(ended, 'actor')} ended, and the states of ${kept} others were kept`
    const where = inert(shownPath(data, terminal.cwd))
    await output.line(`${output.paint.good('shredded')}  subject ${id} of ${where}: ${what}`)
  }
  return EXIT.ok
}

function timeoutOf(seconds: string | undefined): number | undefined {
  if (seconds === undefined) return undefined
  const ms = Number(seconds) * 1_000
  if (ms > 0 && Number.isFinite(ms)) return ms
  throw new UsageError(`--timeout is ${inert(seconds)}; it must be seconds above 0.`, {
    field: 'timeout',
    hint: 'Give a number of seconds: --timeout 60.',
  })
}
