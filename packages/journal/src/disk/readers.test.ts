import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fill, sketches, temporaryDirectory } from '../log.fixture.js'
import { LOG_FILE } from './data-directory.js'
import { LmdbStore } from './lmdb-store.js'

/** Stays in a transaction of the file that its last argument names. */
const HOLD = `
const { open } = require(${JSON.stringify(createRequire(import.meta.url).resolve('lmdb'))})
const held = open({ path: process.argv.at(-1), readOnly: true, encoding: 'binary', maxDbs: 8 }).useReadTransaction()
process.stdout.write('holds')
process.stdin.on('data', () => held.done())
`

describe.skipIf(process.platform !== 'linux')('the readers of a store', () => {
  let home: string
  let children: ChildProcess[]

  beforeEach(() => {
    home = temporaryDirectory()
    children = []
  })

  afterEach(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true })
  })

  /** Has a process read a store, which runs as a file of this name. */
  async function read(file: string, ...args: readonly string[]): Promise<ChildProcess> {
    const path = join(home, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, HOLD)
    const child = spawn(process.execPath, [path, ...args, join(home, 'data', LOG_FILE)])
    children.push(child)
    await once(child.stdout, 'data')
    return child
  }

  it('are named by process and by what runs there, the oldest one first, and forgotten when they are gone', async () => {
    const store = new LmdbStore({ dir: join(home, 'data') })
    const ours = await read('cli/dist/bin.js', '--quiet', 'verify', '--data')
    await fill(store, sketches(3))
    const other = await read('report.cjs', '--password', 'secret')
    const named = (): unknown[] =>
      store
        .readers()
        .filter(({ pid }) => pid !== process.pid)
        .map(({ pid, command, behind }) => [pid, command, behind > 0])
    expect(named()).toEqual([
      [ours.pid, 'holdfast verify', true],
      [other.pid, 'node report.cjs', false],
    ])
    ours.kill('SIGKILL')
    await once(ours, 'close')
    expect(named()).toEqual([[other.pid, 'node report.cjs', false]])
    await store.close()
  })
})
