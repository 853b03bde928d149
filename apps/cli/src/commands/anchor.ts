import { resolve } from 'node:path'
import { anchorJournal } from '@holdfast/journal'
import { machineAuthorities } from '@holdfast/kernel'
import { dataToRead, shownPath } from '../data-directory.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { inert } from '../inert.js'
import type { Command, DataOption } from './command.js'

/** Options of `anchor`. */
export interface AnchorCommandOptions extends DataOption {
  readonly anchors: string
  readonly key: string
}

/** `holdfast anchor`: a signed head of the log, kept where the data are not. */
export async function anchor(
  options: AnchorCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const { cwd } = terminal
  const data = dataToRead(options.data, terminal)
  const anchors = resolve(cwd, options.anchors)
  const made = await anchorJournal({
    data,
    anchors,
    key: resolve(cwd, options.key),
    nowMs: machineAuthorities().now(),
  })
  if (output.json) await output.document('anchor', { data, anchors, anchor: made })
  else {
    const where = inert(shownPath(anchors, cwd))
    await output.line(`${output.paint.good('anchored')}  up to position ${made.position}, in ${where}`)
  }
  return EXIT.ok
}
