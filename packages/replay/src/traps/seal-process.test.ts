import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import fsPromises from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sealProcess, type Seal } from './seal-process.js'
import { Traps } from './traps.js'

let dir: string
let outer: string
let seal: Seal

beforeEach(() => {
  outer = fs.mkdtempSync(join(tmpdir(), 'holdfast-seal-'))
  dir = join(outer, 'scratch')
  fs.mkdirSync(dir)
  fs.symlinkSync(join(outer, 'not-there'), join(dir, 'way-out'))
  fs.symlinkSync(outer, join(dir, 'up'))
  seal = sealProcess({ files: [dir] })
})

afterEach(() => {
  seal.open()
  fs.rmSync(outer, { recursive: true, force: true })
})

const refused = expect.objectContaining({ code: 'HF_LEAK' }) as Error

describe('a sealed process', () => {
  it.each([
    ['a file', () => fs.writeFileSync(join(outer, 'a'), '')],
    ['a file, by a promise', () => fsPromises.writeFile(join(outer, 'a'), '')],
    ['a file, by its URL', () => fs.writeFileSync(pathToFileURL(join(outer, 'a')), '')],
    ['a file beside the scratch directory', () => fs.writeFileSync(`${dir}-a`, '')],
    ['a file behind a link out of it', () => fs.writeFileSync(join(dir, 'up', 'a'), '')],
    ['a file that a link out of it would make', () => fs.writeFileSync(join(dir, 'way-out'), '')],
    ['a file that is moved out of it', () => fs.renameSync(join(dir, 'a'), join(outer, 'a'))],
    ['a descriptor', () => fs.writeSync(99, 'a')],
    ['the network', () => fetch('http://127.0.0.1:9')],
    ['a server', () => http.createServer().listen(0)],
    ['a process', () => spawnSync('true')],
    ['a thread', () => new Worker('', { eval: true })],
    ['its own end', () => process.exit(1)],
  ])('refuses %s, outside of handlers', (_what, run) => {
    expect(run).toThrow(refused)
  })

  it('says the line', () => {
    expect(() => fs.rmSync(outer)).toThrow(
      /^A sealed process calls fs\.rmSync past ctx, at .*seal-process\.test\.ts:\d+:\d+\.$/,
    )
  })

  it('reads, tells the time, draws, waits and speaks as before', async () => {
    expect(fs.readdirSync(outer)).toEqual(['scratch'])
    expect(Date.now()).toBeGreaterThan(1e12)
    expect(Math.random()).toBeLessThan(1)
    await new Promise((resolve) => setTimeout(resolve, 1))
    expect(process.stdout.write('')).toBeTypeOf('boolean')
  })

  it('writes where it is allowed to, in every form', async () => {
    const path = join(dir, 'a')
    fs.writeFileSync(path, 'a')
    const fd = fs.openSync(path, 'a')
    fs.writeSync(fd, 'b')
    fs.closeSync(fd)
    const handle = await fsPromises.open(path, 'a')
    await handle.appendFile('c')
    await handle.close()
    const opened = await new Promise<number>((resolve, reject) => {
      fs.open(path, 'a', (error, given) => {
        if (error === null) resolve(given)
        else reject(error)
      })
    })
    fs.appendFileSync(opened, 'd')
    fs.closeSync(opened)
    const stream = fs.createWriteStream(path, { flags: 'a' })
    await new Promise<void>((resolve) => stream.end('e', resolve))
    fs.renameSync(path, join(dir, 'b'))
    expect(fs.readFileSync(join(dir, 'b'), 'utf8')).toBe('abcde')
  })

  it('is as before when the seal is taken off, and taking it off again does no harm', () => {
    seal.open()
    seal.open()
    fs.writeFileSync(join(outer, 'a'), 'a')
    expect(fs.readFileSync(join(outer, 'a'), 'utf8')).toBe('a')
  })

  it('refuses in a handle that was opened for reading, and in a handler also where the process may write', async () => {
    using traps = Traps.install()
    const handle = await fsPromises.open(join(dir, 'a'), 'w')
    const scope = { mode: 'refuse' as const, actor: '/it', message: 'go', position: 1, now: () => 0 }
    expect(() => traps.run(scope, () => handle.writeFile('a'))).toThrow(
      /calls FileHandle\.writeFile past ctx/,
    )
    expect(() => traps.run(scope, () => fs.rmSync(dir))).toThrow(refused)
    await handle.close()
  })
})
