import { resolve } from 'node:path'
import { keysFromFile } from '@holdfast/journal'
import { restore } from 'holdfast/data'
import { shownPath } from '../data-directory.js'
import { dataKeys } from '../data-keys.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count, timeText } from '../figures.js'
import { inert } from '../inert.js'
import type { Command } from './command.js'

/** Options of `restore`. */
export interface RestoreCommandOptions {
  readonly to: string
  readonly at?: number
  readonly time?: string
  readonly toKey?: string
}

/** `holdfast restore <from> --to <dir>`: data to go on from. */
export async function restoreData(
  given: string,
  { to: wanted, at, time, toKey }: RestoreCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const { cwd } = terminal
  const from = resolve(cwd, given)
  const to = resolve(cwd, wanted)
  const toKeys = toKey === undefined ? undefined : keysFromFile(resolve(cwd, toKey))
  const made = await restore({ from, to, at, time, keys: dataKeys(terminal), toKeys })
  if (output.json) {
    await output.document('restore', { from, to, ...made })
    return EXIT.ok
  }
  const { good, strong, faint } = output.paint
  const size = count(made.records, 'record')
  const where = strong(inert(shownPath(to, cwd)))
  await output.line(
    `${good('restored')}  ${where}: ${size}, up to position ${made.position} of ${timeText(made.timeMs)}`,
  )
  await output.line(`${faint('store')}     ${made.store}, made from ${made.origin}`)
  return EXIT.ok
}
