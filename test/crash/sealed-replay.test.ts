// A replay as the kernel of the operating system sees it. The replay says of itself that nothing leaves; here it is not
// asked: strace writes down what the process did. `npm test` builds what these processes run.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deedOf, watched, whyNoSystemCalls, type Watched } from './system-calls.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(root, 'apps/cli/bin/holdfast.js')
const missing = whyNoSystemCalls()

/** What a replay out of a data directory does beyond reading, and why. Nothing else is let through. */
function byLmdb(data: string): string[] {
  return [
    // A reader has a slot in the lock file, so that a system that runs beside it leaves alone what it looks at.
    // Whether one runs, or starts a moment later, nobody can know, so there is no replay without it.
    `open ${data}/log.mdb-lock O_RDWR|O_CREAT|O_CLOEXEC`,
    `map ${data}/log.mdb-lock for writing`,
    // lmdb-js asks for the number of the file, and closes it again; what it reads through is opened for reading.
    `open ${data}/log.mdb O_RDWR|O_CREAT`,
  ]
}

/** What tsx does for a swarm file in TypeScript, before any of it is run. */
const BY_TSX = [
  // It looks for a `tsx watch` that might have started it, by the number of the process above.
  /^socket AF_UNIX$/,
  /^connect AF_UNIX \S+\/tsx-\d+\/\d+\.pipe$/,
  // The compiler is a program of its own, spoken to over two pipes.
  /^socketpair AF_UNIX$/,
  /^fork$/,
  /^exec \S+\/esbuild\/?\S* .*--service=/,
]

let dir: string
let server: Server
let heard = 0

const inDir = (name: string): string => join(dir, name)

function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env
  const { port } = server.address() as AddressInfo
  return { PATH, HOME, TMPDIR: tmpdir(), SCRATCH: inDir('scratch'), PORT: String(port), ...more }
}

function holdfast(args: readonly string[], more?: NodeJS.ProcessEnv): Promise<Watched> {
  return watched([bin, ...args], { cwd: dir, env: environment(more) })
}

/** The files of a directory with what is in them, but for the lock. */
function sums(of: string): Record<string, string> {
  const names = readdirSync(of, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.endsWith('-lock'),
  )
  const sum = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(of, name)))
      .digest('hex')
  return Object.fromEntries(names.sort().map((name) => [name, sum(name)]))
}

/** What was done beyond what is let through. */
function beyond({ deeds }: Watched, allowed: readonly (string | RegExp)[]): string[] {
  return deeds.filter(
    (deed) => !allowed.some((one) => (typeof one === 'string' ? one === deed : one.test(deed))),
  )
}

const LEAKS = ['fetch', 'fs.writeFileSync', 'child_process.execFileSync', 'net.connect']

describe.skipIf(missing !== undefined)(
  `a replay seen from outside${missing === undefined ? '' : `, skipped: ${missing}`}`,
  () => {
    let recording: Watched

    beforeAll(async () => {
      dir = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-sealed-')))
      mkdirSync(inDir('scratch'))
      // Their own folder finds `holdfast` as that of a user does. What is JavaScript already needs no compiler.
      symlinkSync(join(root, 'node_modules'), inDir('node_modules'))
      writeFileSync(inDir('package.json'), '{ "type": "module" }')
      for (const name of ['swarm', 'replay-file']) {
        const from = fileURLToPath(new URL(`sealed/${name}.ts`, import.meta.url))
        copyFileSync(from, inDir(`${name}.ts`))
        const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
        const { outputText } = ts.transpileModule(readFileSync(from, 'utf8'), { compilerOptions })
        writeFileSync(inDir(`${name}.js`), outputText)
      }
      server = createServer((socket) => {
        heard++
        socket.on('error', () => undefined).resume()
        socket.end('well')
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      recording = await holdfast(['run', 'swarm.js', '--data', 'data'])
    })

    afterAll(() => {
      server.close()
      rmSync(dir, { recursive: true, force: true })
    })

    it('sees what the swarm does while it is recorded: files, a connection, a program', () => {
      expect([recording.code, heard, recording.complaints.includes('Stopped in order')]).toEqual([0, 1, true])
      expect(recording.deeds).toEqual(
        expect.arrayContaining([
          expect.stringContaining(`open ${inDir('scratch/effect')} O_WRONLY|O_CREAT`),
          `write ${inDir('scratch/effect')}`,
          expect.stringMatching(/^connect AF_INET port \d+$/),
          'fork',
          expect.stringContaining('echo'),
          `map ${inDir('data/log.mdb-lock')} for writing`,
          expect.stringMatching(`write ${inDir('data/log.mdb')}`),
        ]),
      )
    })

    describe.each([
      ['JavaScript', 'swarm.js', []],
      ['TypeScript', 'swarm.ts', BY_TSX],
    ])('of a swarm in %s', (_language, file, compiler) => {
      const replayed = async (more?: NodeJS.ProcessEnv): Promise<Watched> => {
        rmSync(inDir('scratch/effect'), { force: true })
        const [before, heardBefore] = [sums(inDir('data')), heard]
        const seen = await holdfast(['replay', 'incident', '--data', 'data', '--swarm', file, '--json'], more)
        expect(sums(inDir('data'))).toEqual(before)
        expect([heard, readdirSync(inDir('scratch'))]).toEqual([heardBefore, []])
        return seen
      }

      it('touches nothing outside of it when the code is the same', async () => {
        const seen = await replayed()
        expect(seen).toMatchObject({ code: 0, complaints: '' })
        expect(JSON.parse(seen.output)).toMatchObject({ identical: true, counts: { turns: 5, digests: 5 } })
        expect(seen.calls).toBeGreaterThan(100)
        expect(beyond(seen, [...byLmdb(inDir('data')), ...compiler])).toEqual([])
      })

      it('touches nothing when the code tries to, and says where it did', async () => {
        const seen = await replayed({ LEAK: 'yes' })
        expect(seen.code).toBe(5)
        const { divergences } = JSON.parse(seen.output) as { divergences: { kind: string; what: string }[] }
        const leaks = divergences.filter(({ kind }) => kind === 'leak').map(({ what }) => what)
        expect(leaks).toEqual(
          LEAKS.map(
            (what) => expect.stringContaining(`it calls ${what} past ctx, at ${inDir(file)}:`) as string,
          ),
        )
        expect(beyond(seen, [...byLmdb(inDir('data')), ...compiler])).toEqual([])
      })
    })

    it('touches nothing when the swarm file tries to while it is loaded, and is refused', async () => {
      const before = sums(inDir('data'))
      const args = ['replay', 'incident', '--data', 'data', '--swarm', 'swarm.js']
      const seen = await holdfast(args, { LEAK: 'while loading' })
      expect(seen.code).toBe(1)
      expect(seen.complaints).toContain('A sealed process calls fs.writeFileSync')
      expect(beyond(seen, byLmdb(inDir('data')))).toEqual([])
      expect([sums(inDir('data')), existsSync(inDir('scratch/leaked'))]).toEqual([before, false])
    })

    describe('out of an incident file, in a program', () => {
      const replayed = (more?: NodeJS.ProcessEnv): Promise<Watched> =>
        watched([inDir('replay-file.js'), 'incident.hfi', 'swarm.js'], { cwd: dir, env: environment(more) })

      beforeAll(async () => {
        const { code } = await holdfast(['export', 'incident', '--data', 'data', '-o', 'incident.hfi'])
        expect(code).toBe(0)
        rmSync(inDir('scratch/effect'), { force: true })
      })

      it('does nothing but read, without exception', async () => {
        const [before, heardBefore] = [sums(inDir('data')), heard]
        const seen = await replayed()
        expect(seen).toMatchObject({ code: 0, complaints: '' })
        expect(JSON.parse(seen.output)).toEqual({ identical: true, leaks: [] })
        expect([seen.deeds, heard, sums(inDir('data'))]).toEqual([[], heardBefore, before])
      })

      it('does nothing but read when the code tries to do more', async () => {
        const seen = await replayed({ LEAK: 'yes' })
        expect([seen.code, seen.deeds, existsSync(inDir('scratch/leaked'))]).toEqual([5, [], false])
        const { leaks } = JSON.parse(seen.output) as { leaks: string[] }
        expect(leaks.map((leak) => / calls (\S+) past/.exec(leak)?.[1])).toEqual(LEAKS)
      })
    })
  },
)

describe('a line of strace', () => {
  it.each([
    ['openat(AT_FDCWD</a>, "/a/b", O_RDONLY|O_CLOEXEC) = 3</a/b>', undefined],
    [
      'openat(AT_FDCWD</a>, "/a/b", O_WRONLY|O_CREAT, 0666) = -1 EACCES (Permission denied)',
      'open /a/b O_WRONLY|O_CREAT',
    ],
    ['write(1</a/out>, "open(\\"x\\", O_RDWR)", 18) = 18', undefined],
    ['write(21</a/b>, "x", 1) = 1', 'write /a/b'],
    ['write(21<anon_inode:[eventfd]>, "x", 8) = 8', undefined],
    [
      'connect(21<socket:[7]>, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("1.2.3.4")}, 16) = 0',
      'connect AF_INET port 80',
    ],
    ['clone3({flags=CLONE_VM|CLONE_THREAD|CLONE_SYSVSEM}, 88) = 9', undefined],
    ['clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD) = 9', 'fork'],
    ['mmap(NULL, 9, PROT_READ|PROT_WRITE, MAP_SHARED, 19</a/b>, 0) = 0x7', 'map /a/b for writing'],
    ['mmap(NULL, 9, PROT_READ|PROT_WRITE, MAP_PRIVATE, 19</a/b>, 0) = 0x7', undefined],
    ['unlink("/a/b") = 0', 'unlink "/a/b") = 0'],
  ])('%s', (line, deed) => {
    expect(deedOf(line)).toBe(deed)
  })
})
