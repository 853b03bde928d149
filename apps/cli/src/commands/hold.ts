import { holdLog, holdsOf, releaseLog } from 'holdfast/data'
import { dataToRead, shownPath } from '../data-directory.js'
import { dataKeys } from '../data-keys.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { inert } from '../inert.js'
import type { Command } from './command.js'

/** Options of `hold` and `release`. */
export interface HoldCommandOptions {
  readonly name?: string
  readonly since?: string
}

/** `holdfast hold [data]`: keeps a log from being cut, or says who does. */
export async function hold(
  given: string | undefined,
  { name, since }: HoldCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const data = dataToRead(given, terminal)
  const keys = dataKeys(terminal)
  if (name !== undefined) await holdLog({ data, name, since, keys })
  const holds = await holdsOf({ data, keys })
  if (output.json) {
    await output.document('hold', { data, holds })
    return EXIT.ok
  }
  const where = inert(shownPath(data, terminal.cwd))
  if (holds.length === 0) await output.line(`Nobody holds ${where}.`)
  for (const { name: each, from } of holds)
    await output.line(`${output.paint.good('held')}  ${inert(each)}: ${where} from position ${from} on`)
  return EXIT.ok
}

/** `holdfast release [data] --name <name>`: lets a log go. */
export async function release(
  given: string | undefined,
  { name }: { readonly name: string },
  { terminal, output }: Command,
): Promise<ExitCode> {
  const data = dataToRead(given, terminal)
  const isReleased = await releaseLog({ data, name, keys: dataKeys(terminal) })
  if (output.json) await output.document('release', { data, name, isReleased })
  else await output.line(isReleased ? `released  ${inert(name)}` : `There is no hold "${inert(name)}".`)
  return isReleased ? EXIT.ok : EXIT.notFound
}
