// Records the files of the corpus that are not there yet, and notes what their replays come to:
//
//   npx tsx test/corpus/record.ts
//
// A file that is there is never recorded again, and there is no option that does it: see the README beside it.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { exportIncident, Incident, openIncident } from 'holdfast/replay'
import { PASSPHRASE, replayed } from './notes.js'
import { incident, type Program } from './program.js'
import { programs } from './programs/all.js'

async function recorded(name: string, program: Program): Promise<string> {
  const file = fileURLToPath(new URL(`${name}.hfi`, import.meta.url))
  if (existsSync(file)) return 'is there'
  const { journal } = await program.record()
  const key = program.isLocked === true ? PASSPHRASE : undefined
  const note = `The program ${name} of the corpus.`
  await exportIncident(new Incident(journal, incident), { file, key, note, redact: program.redact })
  const { report, notes } = await replayed(readFileSync(file), await openIncident({ file, key }), program)
  if (!report.identical) {
    rmSync(file)
    return `is not identical: ${report.divergences.map(({ actor, what }) => `${actor}: ${what}`).join('; ')}`
  }
  writeFileSync(file.replace(/hfi$/, 'json'), `${JSON.stringify(notes, null, 2)}\n`)
  return `${notes.bytes} bytes, ${notes.counts.turns} turns, ${JSON.stringify(notes.records)}`
}

for (const [name, program] of programs)
  process.stdout.write(
    `${name}: ${await recorded(name, program).catch((error: unknown) => {
      process.exitCode = 1
      return String((error as Error).stack)
    })}\n`,
  )
