import { resolve } from 'node:path'
import { keysFromFile } from '@holdfast/journal'
import { load } from 'holdfast/data'
import { shownPath } from '../data-directory.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count } from '../figures.js'
import { inert } from '../inert.js'
import type { Command } from './command.js'

/** Options of `load`. */
export interface LoadCommandOptions {
  readonly to: string
  readonly toKey?: string
}

/** `holdfast load <file> --to <dir>`: a data directory out of a dump. */
export async function loadDump(
  given: string,
  { to: wanted, toKey }: LoadCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const { cwd } = terminal
  const file = resolve(cwd, given)
  const to = resolve(cwd, wanted)
  const keys = toKey === undefined ? undefined : keysFromFile(resolve(cwd, toKey))
  const made = await load({ file, to, keys })
  if (output.json) {
    await output.document('load', { file, to, ...made })
    return EXIT.ok
  }
  const { good, strong, faint } = output.paint
  const { actors } = made
  const whose = actors === undefined ? '' : `${count(actors.length, 'actor')}, `
  const size = `${whose}${count(made.records, 'record')}, ${count(made.snapshots, 'snapshot')}`
  await output.line(
    `${good('loaded')}  ${strong(inert(shownPath(to, cwd)))}: ${size}, up to position ${made.position}`,
  )
  await output.line(
    `${faint('from')}    the store ${made.origin}, dumped at ${inert(made.dumpedAt)}, as the file says`,
  )
  return EXIT.ok
}
