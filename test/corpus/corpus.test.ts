// The promise that what was recorded is replayed for good: each file, as whichever version recorded it, on the code of its
// program. Nothing here makes a file; `record.ts` does, once.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DATA_KINDS } from '@holdfast/journal'
import { openIncident } from 'holdfast/replay'
import { describe, expect, it } from 'vitest'
import { PASSPHRASE, replayed, type Notes } from './notes.js'
import { programs } from './programs/all.js'

const folder = fileURLToPath(new URL('.', import.meta.url))
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.hfi'))
  .map((file) => file.slice(0, -'.hfi'.length))

function notesOf(name: string): Notes {
  return JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8')) as Notes
}

describe('the corpus', () => {
  it('has a file for each program, and a program for each file', () => {
    expect(names.length).toBeGreaterThanOrEqual(30)
    expect(names.sort()).toEqual([...programs.keys()].sort())
  })

  it('holds every kind of record', () => {
    const kinds = new Set(names.flatMap((name) => Object.keys(notesOf(name).records)))
    expect(['message', 'turn', ...DATA_KINDS].filter((kind) => !kinds.has(kind))).toEqual([])
  })

  it.each(names)('I-34 %s is replayed as it was recorded, on every version of Node', async (name) => {
    const program = programs.get(name)!
    const bytes = readFileSync(`${folder}${name}.hfi`)
    const key = program.isLocked === true ? PASSPHRASE : undefined
    await using incident = await openIncident({ file: `${folder}${name}.hfi`, key })
    const { report, notes } = await replayed(bytes, incident, program)
    expect(report.divergences).toEqual([])
    expect(report.identical).toBe(true)
    expect(notes).toEqual(notesOf(name))
  })
})
