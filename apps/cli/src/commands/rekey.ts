import { rekeyJournal } from '@holdfast/journal'
import { dataToRead, shownPath } from '../data-directory.js'
import { dataKeys, subjectKeys } from '../data-keys.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count } from '../figures.js'
import { inert } from '../inert.js'
import { UsageError } from '../usage-error.js'
import type { Command, DataOption } from './command.js'

/** `holdfast rekey`: another key for an encrypted data directory. */
export async function rekey(options: DataOption, { terminal, output }: Command): Promise<ExitCode> {
  const data = dataToRead(options.data, terminal)
  const keys = dataKeys(terminal)
  if (keys === undefined)
    throw new UsageError('No keys were given.', {
      field: 'data-key',
      hint: 'Give a file with the new key in its first line, and every key that was used before behind it: --data-key FILE.',
    })
  const sealed = await rekeyJournal({ data, keys, subjectKeys: subjectKeys(terminal) })
  if (output.json) await output.document('rekey', { data, key: keys.current, sealed })
  else {
    const what = `${count(sealed, 'key')} of ${inert(shownPath(data, terminal.cwd))}`
    await output.line(
      `${output.paint.good('sealed')}  ${what} with the key ${keys.current}; no other is needed now`,
    )
  }
  return EXIT.ok
}
