import { resolve } from 'node:path'
import { ship, type Shipping, type ShipProgress } from 'holdfast/data'
import { dataToRead, shownPath } from '../data-directory.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count, span } from '../figures.js'
import { inert } from '../inert.js'
import { StopSignals } from '../stop-signals.js'
import type { Command } from './command.js'

/** Options of `ship`. */
export interface ShipCommandOptions {
  readonly to: string
  readonly every: number
  readonly once?: boolean
}

/** `holdfast ship [data] --to <dir>`: the log, file by file, until it is stopped. */
export async function shipLog(
  given: string | undefined,
  { to: wanted, every, once }: ShipCommandOptions,
  command: Command,
): Promise<ExitCode> {
  const { terminal, output } = command
  const data = dataToRead(given, terminal)
  const to = resolve(terminal.cwd, wanted)
  const onShipped = (progress: ShipProgress): void => {
    const text = `shipped up to ${progress.position}, ${lagText(progress)}`
    if (output.verbose) output.note(text)
    else output.progress(text)
  }
  const shipping = await ship({ data, to, everyMs: every * 1_000, onShipped })
  let code: ExitCode = EXIT.ok
  let last: ShipProgress
  try {
    await shipping.catchUp()
    if (once !== true) code = await untilStopped(shipping, command)
    last = shipping.progress
  } finally {
    output.progress('')
    await shipping.stop()
  }
  if (output.json) await output.document('ship', { data, to, ...last })
  else {
    const where = output.paint.strong(inert(shownPath(to, terminal.cwd)))
    const done = output.paint.good('shipped')
    await output.line(`${done}  ${where}: up to position ${last.position}, ${lagText(last)}`)
  }
  return code
}

async function untilStopped(shipping: Shipping, { terminal, output }: Command): Promise<ExitCode> {
  const signals = new StopSignals(terminal, output)
  try {
    return await new Promise<ExitCode>((resolve, reject) => {
      signals.onFirst((_signal, code) => {
        shipping.catchUp().then(() => {
          resolve(code as ExitCode)
        }, reject)
      })
      shipping.ended().catch(reject)
    })
  } finally {
    signals.end()
  }
}

function lagText({ lagRecords, lagMs }: ShipProgress): string {
  return lagRecords === 0 ? 'nothing waits' : `${count(lagRecords, 'record')} wait since ${span(lagMs)}`
}
