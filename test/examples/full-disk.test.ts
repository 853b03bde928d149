import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { HoldfastError, System } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { Journal, MemoryStore, type Commit } from '@holdfast/journal'
import { expect, it } from 'vitest'
import { intake, send, watchDisk } from './full-disk.js'

/** A disk that is full while somebody says so. */
class FullDisk extends MemoryStore {
  isFull = false

  override commit(commit: Commit): Promise<void> {
    if (!this.isFull) return super.commit(commit)
    return Promise.reject(new HoldfastError('HF_STORE_FULL', 'The disk is full.'))
  }
}

it('a system on a full disk acknowledges nothing, and goes on by itself when there is room', async () => {
  const time = new VirtualAuthorities()
  const disk = new FullDisk()
  const log = new Journal(disk, time)
  const starting = System.start({ name: 'weather', root: intake, log, authorities: time })
  await time.settle()
  const system = await starting
  const said: string[] = []
  watchDisk(system, (line) => said.push(line))
  await send(system, 20, 'before')
  await time.settle()

  disk.isFull = true
  await send(system, 21, 'taken, and not yet on the disk')
  await time.settle()
  expect(said).toEqual(['HF_STORE_FULL: The disk is full.'])
  const sent: string[] = []
  const waiting = send(system, 22, 'waits for room').then(() => sent.push('sent'))
  await time.advance(60_000)
  expect(sent).toEqual([])

  disk.isFull = false
  await time.advance(60_000)
  await waiting
  await time.settle()
  expect(said.at(-1)).toBe('the disk takes records again')
  const asked = system.ref(intake, '/intake').ask('readings')
  await time.settle()
  expect(await asked).toBe(3)
  const stopping = system.stop()
  await time.settle()
  await stopping
})

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const program = fileURLToPath(new URL('full-disk-program.ts', import.meta.url))
const flags = '--conditions=@holdfast/source --import "$1" "$2" "$3"'

it.skipIf(process.platform === 'win32')(
  'a file that may not grow ends no process, and reading goes on',
  { timeout: 60_000 },
  () => {
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-full-disk-'))
    const shell = `trap '' XFSZ; ulimit -f 400; exec "$0" ${flags}`
    const ended = spawnSync('sh', ['-c', shell, process.execPath, tsx, program, join(dir, 'data')], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    rmSync(dir, { recursive: true, force: true })
    expect(ended).toMatchObject({ status: 0, stdout: 'HF_STORE_FAILED\nrunning\n' })
  },
)
