import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BareLog, CORRELATIONS, isMessage } from '../bare-log.js'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'

const RECORDS = 10_000_000
const SOUGHT = 123_456

await contend(async ({ keptDirectory }) => {
  const log = new BareLog(keptDirectory)
  const complete = join(keptDirectory, 'complete')
  if (!existsSync(complete)) {
    await log.fill(RECORDS / 2)
    writeFileSync(complete, '')
  }

  const started = performance.now()
  const found = new Set<number>()
  let turns = 0
  let position = 0
  for (const record of log.records()) {
    if (!isMessage(record)) turns += found.has(record[2]) ? 1 : 0
    else if (record[3] === SOUGHT) found.add(position)
    position++
  }
  const elapsedMs = performance.now() - started
  assert.equal(position, RECORDS)
  assert.deepEqual([found.size, turns], Array(2).fill(RECORDS / 2 / CORRELATIONS), 'all of it is found')
  return { value: elapsedMs, version: packageVersion('lmdb') }
})
