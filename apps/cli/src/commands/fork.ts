import { resolve } from 'node:path'
import { keysFromFile } from '@holdfast/journal'
import { fork } from 'holdfast/replay'
import { correlationNamed } from '../correlation.js'
import { dataToRead, shownPath } from '../data-directory.js'
import { dataKeys } from '../data-keys.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count } from '../figures.js'
import { isIncidentFile } from '../incident-file.js'
import { originOf } from '../incident-source.js'
import { inert } from '../inert.js'
import { withData } from '../open-data.js'
import { shellWord } from '../shell-word.js'
import { UsageError } from '../usage-error.js'
import type { Command, DataOption } from './command.js'

/** Options of `fork`. */
export interface ForkCommandOptions extends DataOption {
  readonly to: string
  readonly at?: number
  readonly toKey?: string
}

/** `holdfast fork <correlation> --to <dir>`: the log up to an incident, to go on from there. */
export async function forkIncident(
  wanted: string,
  options: ForkCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  if (isIncidentFile(wanted)) {
    throw new UsageError('An incident file holds one incident, and a system goes on from a whole log.', {
      field: 'correlation',
      hint: 'Name a correlation of the data directory that it was cut from.',
    })
  }
  if (options.to === '') throw new UsageError('--to is empty; it must be a directory.', { field: 'to' })
  const { cwd } = terminal
  const dir = dataToRead(options.data, terminal)
  const { correlation, origin } = await withData(dir, terminal, (data) => {
    const id = correlationNamed(data, wanted)
    return { correlation: data.journal.correlationName(id), origin: originOf(data) }
  })
  const to = resolve(cwd, options.to)
  const toKeys = options.toKey === undefined ? undefined : keysFromFile(resolve(cwd, options.toKey))
  const position = await fork({
    data: dir,
    to,
    at: options.at ?? { correlation },
    keys: dataKeys(terminal),
    toKeys,
  })
  const file = origin === undefined ? '<swarm file>' : shellWord(shownPath(origin, cwd))
  const next = `holdfast run ${file} -d ${shellWord(shownPath(to, cwd))}`
  if (output.json) {
    await output.document('fork', { data: dir, to, correlation, position, next })
    return EXIT.ok
  }
  const { good, warn, faint, strong } = output.paint
  const copied = count(position, 'position')
  await output.line(
    `${good('forked')}   ${inert(correlation)} to ${strong(inert(shownPath(to, cwd)))}: ${copied}, up to ${position}`,
  )
  await output.line(`${faint('go on')}    ${inert(next)}`)
  await output.line(`${warn('for real')} effects are done there, and messages that wait are handled`)
  return EXIT.ok
}
