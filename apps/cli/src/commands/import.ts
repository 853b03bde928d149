import { resolve } from 'node:path'
import { importIncident } from 'holdfast/replay'
import { dataToRead, shownPath } from '../data-directory.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { keyFrom, type KeyOptions } from '../incident-file.js'
import { inert } from '../inert.js'
import type { Command, DataOption } from './command.js'

/** Options of `import`. */
export interface ImportCommandOptions extends DataOption, KeyOptions {}

/** `holdfast import <file>`: an incident from elsewhere, beside those of this log. */
export async function importFile(
  wanted: string,
  options: ImportCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const dir = dataToRead(options.data, terminal)
  const key = keyFrom(options, terminal)
  const imported = await importIncident({ file: resolve(terminal.cwd, wanted), data: dir, key })
  if (output.json) {
    await output.document('import', { data: dir, ...imported })
    return EXIT.ok
  }
  const { good, strong } = output.paint
  const { correlation, file } = imported
  await output.line(
    `${good('imported')}  ${strong(inert(correlation))} into ${inert(shownPath(file, terminal.cwd))}`,
  )
  return EXIT.ok
}
