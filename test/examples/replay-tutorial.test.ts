// The tutorial of the replay as its reader has it: the commands of the page, in their order, in a folder of their own, and
// what the page shows of what they say.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs/tutorial/replay-an-incident.md'), 'utf8')
const resolved = createRequire(join(root, 'package.json')).resolve

/** What the commands of the page stand for: what `npx` would find. */
const programs: Readonly<Record<string, string>> = {
  holdfast: join(root, 'apps/cli/bin/holdfast.js'),
  tsx: resolved('tsx/cli'),
  vitest: join(dirname(resolved('vitest/package.json')), 'vitest.mjs'),
}

/** Some commands in one block, and the lines that the page shows of what they say. */
interface Sitting {
  readonly commands: readonly string[]
  readonly shown: readonly string[]
}

const fences = [...page.matchAll(/^```(sh|text)\n([\s\S]*?)^```$/gm)]

const sittings: Sitting[] = fences.flatMap(([whole, language, text], i) => {
  if (language !== 'sh') return []
  const next = fences[i + 1]
  const isShown =
    next?.[1] === 'text' && page.slice(fences[i]!.index + whole.length, next.index).trim() === ''
  return [{ commands: linesOf(text), shown: isShown ? linesOf(next[2]) : [] }]
})

function linesOf(text = ''): string[] {
  return text.trimEnd().split('\n')
}

let dir: string

beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-replay-tutorial-')))
  for (const name of ['node_modules', 'test', 'package.json']) symlinkSync(join(root, name), join(dir, name))
})

afterAll(() => {
  rmSync(dir, { recursive: true, force: true })
})

/** Runs a command of the page. */
async function typed(command: string): Promise<{ code: number | null; text: string }> {
  const [npx, name = '', ...args] = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b ?? '')
  expect([npx, programs[name]]).toEqual(['npx', expect.any(String)])
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, TMPDIR: tmpdir(), NO_COLOR: '1', CI: '1' }
  const child = spawn(process.execPath, [programs[name]!, ...args], {
    cwd: dir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, text }
}

// Times differ from one reader to the next, and with them the width of columns and how far a file can be compressed.
function steady(line: string): string {
  return line
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/\+?\d+ ms/g, '<ms>')
    .replace(/[\d.]+ k?B\b/g, '<size>')
    .replace(/\b1[67]\d{11}\b/g, '<time>')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The lines of a page that are not what was said, in this order; ` …` leaves out the end of a line. */
function notSaid(shown: readonly string[], said: readonly string[]): string[] {
  let from = 0
  return shown.filter((line) => {
    const isCut = line.endsWith(' …')
    const wanted = steady(isCut ? line.slice(0, -2) : line)
    const at = said.findIndex(
      (each, i) => i >= from && (isCut ? each.startsWith(wanted) : each.endsWith(wanted)),
    )
    if (at === -1) return true
    from = at + 1
    return false
  })
}

describe('the tutorial of the replay', () => {
  it('says what its commands say', { timeout: 120_000 }, async () => {
    const [install, ...rest] = sittings
    expect(install).toEqual({ commands: ['npm ci && npm run build'], shown: [] })
    const codes: [string, number | null][] = []
    for (const { commands, shown } of rest) {
      const said: string[] = []
      for (const command of commands) {
        // Between the two runs of the test the page has its reader mend the swarm.
        if (codes.at(-1)?.[0] === command) mend()
        const { code, text } = await typed(command)
        codes.push([command, code])
        said.push(...text.split('\n').map(steady))
      }
      expect(notSaid(shown, said), `${commands.join()} said:\n${said.join('\n')}`).toEqual([])
    }
    expect(
      codes.filter(([, code]) => code !== 0).map(([command, code]) => [command.split(' ')[1], code]),
    ).toEqual([
      ['holdfast', 5],
      ['vitest', 1],
    ])
    expect(codes).toHaveLength(12)
  })

  it('shows the test that comes of it', () => {
    const kept = readFileSync(join(root, 'test/examples/bar-reproduced.test.ts'), 'utf8')
    const shown = /\/\/ region: reproduction\n([\s\S]*)\/\/ end: reproduction/.exec(kept)![1]!
    const made = readFileSync(join(dir, 'ben.test.ts'), 'utf8')
    expect(steady(made.slice(made.indexOf('const reproduction')))).toBe(steady(shown))
  })
})

function mend(): void {
  const file = join(dir, 'ben.test.ts')
  const text = readFileSync(file, 'utf8')
  expect(text).toContain(`'./test/examples/bar.js'`)
  writeFileSync(file, text.replace('./test/examples/bar.js', './test/examples/bar-fixed.js'))
}
