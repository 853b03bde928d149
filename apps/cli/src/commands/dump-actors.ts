// A few actors as one file. Their turns are run again for it, so the process is sealed before the code is loaded: it can write
// one directory, which is beside the file that is made and is taken away again.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { nameWhole } from '@holdfast/journal'
import { HoldfastError } from '@holdfast/kernel'
import { dumpActors, type DumpActorsReport } from 'holdfast/data'
import { dataToRead, shownPath } from '../data-directory.js'
import { dataKeys } from '../data-keys.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count } from '../figures.js'
import { originOf } from '../incident-source.js'
import { inert } from '../inert.js'
import { withData } from '../open-data.js'
import type { Output } from '../output.js'
import { loadSealed, type SealedSwarm } from '../sealed.js'
import { UsageError } from '../usage-error.js'
import type { Command } from './command.js'
import type { DumpCommandOptions } from './dump.js'

/** `holdfast dump [data] --actors <paths...>`: a few actors as one file. */
export async function dumpActorsOf(
  given: string | undefined,
  options: DumpCommandOptions & { readonly actors: readonly string[] },
  { terminal, output }: Command,
): Promise<ExitCode> {
  const { cwd } = terminal
  const data = dataToRead(given, terminal)
  const file = resolve(cwd, options.output)
  const swarm = options.swarm ?? (await withData(data, terminal, (open) => originOf(open)))
  if (swarm === undefined) throw noSwarm()
  if (options.force !== true && existsSync(file)) throw exists(file)
  const keys = dataKeys(terminal)
  const made = await sealedDump(file, async (draft, allowed) => {
    const { actors, at, ndjson } = options
    let sealed: SealedSwarm | undefined
    const code = async (): Promise<SealedSwarm['loaded']['swarm']> => {
      sealed = await loadSealed(swarm, cwd, { files: [allowed] })
      return sealed.loaded.swarm
    }
    try {
      const form = ndjson === true ? 'lines' : 'frames'
      return await dumpActors({ data, file: draft, actors, at, keys, form, swarm: code })
    } finally {
      sealed?.seal.open()
    }
  })
  if (output.json) await output.document('dump-actors', { data, file, ...made })
  else await say(output, shownPath(file, cwd), made, keys !== undefined)
  return EXIT.ok
}

async function sealedDump(
  file: string,
  make: (draft: string, allowed: string) => Promise<DumpActorsReport>,
): Promise<DumpActorsReport> {
  const beside = madeBeside(file)
  try {
    const draft = join(beside, basename(file))
    const made = await make(draft, beside)
    nameWhole(draft, file, { field: 'output' })
    return made
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
}

function madeBeside(file: string): string {
  try {
    return mkdtempSync(`${file}.`)
  } catch (error) {
    throw new HoldfastError('HF_STORE_UNWRITABLE', `${file} cannot be written.`, {
      field: 'output',
      cause: error,
      hint: 'Give a file in a place that this user may write.',
    })
  }
}

async function say(output: Output, file: string, made: DumpActorsReport, areSealed: boolean): Promise<void> {
  const { good, strong, warn } = output.paint
  const { actors, records, states, leftBehind, leftBehindCount } = made
  const size = `${count(actors.length, 'actor')}, ${count(states, 'state')}, ${count(records, 'record')}`
  await output.line(`${good('dumped')}  ${strong(inert(file))}: ${size}, at position ${made.position}`)
  for (const path of leftBehind.slice(0, SHOWN))
    await output.line(`${warn('stays')}   ${inert(path)}, which they refer to`)
  if (leftBehindCount > SHOWN)
    await output.line(`${warn('stay')}    ${leftBehindCount - SHOWN} more, which --json lists`)
  if (areSealed) await output.line(`${warn('in the open')}  the data are encrypted, and the file is not`)
}

const SHOWN = 20

function noSwarm(): UsageError {
  return new UsageError('Nothing says which swarm file wrote the log.', {
    field: 'swarm',
    hint: 'The states of actors are made by running their turns again. Give the code: --swarm FILE.',
  })
}

function exists(file: string): HoldfastError {
  return new HoldfastError('HF_FILE_EXISTS', `${file} is there already.`, {
    field: 'output',
    hint: 'Choose another name, or replace it with --force.',
  })
}
