import { resolve } from 'node:path'
import { backup } from 'holdfast/data'
import { dataToRead, shownPath } from '../data-directory.js'
import { dataKeys } from '../data-keys.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { bytesText, count } from '../figures.js'
import { inert } from '../inert.js'
import type { Command } from './command.js'

/** Options of `backup`. */
export interface BackupCommandOptions {
  readonly to: string
  readonly at?: number
}

/** `holdfast backup [data] --to <dir>`: a verified copy. */
export async function backupData(
  given: string | undefined,
  { to: wanted, at }: BackupCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const { cwd } = terminal
  const data = dataToRead(given, terminal)
  const to = resolve(cwd, wanted)
  const onProgress = (position: number, end: number): void => {
    output.progress(`copied ${Math.floor((position / end) * 100)} %`)
  }
  const made = await backup({ data, to, at, keys: dataKeys(terminal), onProgress })
  output.progress('')
  if (output.json) {
    await output.document('backup', { data, to, ...made })
    return EXIT.ok
  }
  const { good, strong, faint, warn } = output.paint
  const size = `${count(made.records, 'record')}, ${bytesText(made.bytes)}`
  await output.line(
    `${good('backed up')}  ${strong(inert(shownPath(to, cwd)))}: up to position ${made.position}, ${size}`,
  )
  await output.line(`${faint('verified')}   head of the chain ${made.head}`)
  if (made.isShut)
    await output.line(
      `${warn('encrypted')}  no key was given: only the chain and the checksums were looked at`,
    )
  return EXIT.ok
}
