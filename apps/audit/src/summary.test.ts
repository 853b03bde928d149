import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenTree } from './broken-tree.fixture.js'
import { near, replayCommand, summaryLines } from './summary.js'
import { auditTree, withTree } from './tree.fixture.js'

describe('the summary', () => {
  it('has a line of totals, the worst findings and each incident with its command, all inert', async () => {
    const report = await withTree(brokenTree, (root) => auditTree(root))
    const lines = summaryLines(report, (correlation) => `replay ${correlation}`)
    const text = lines.join('\n')
    expect(lines[0]).toBe('16 packages audited, 9 could not be: 24 files, 0.0 MB')
    expect(text).toContain('  ManifestNotJson: bad-json: package.json is not valid JSON\n    replay bad-json')
    expect(text).toContain('  and 5 more, in report.md')
    expect(text).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u)
  })
})

describe('the command that replays', () => {
  const inProject = async (use: (cwd: string) => void): Promise<void> => {
    const cwd = await mkdtemp(path.join(tmpdir(), 'holdfast-audit-cwd-'))
    try {
      await mkdir(path.join(cwd, 'node_modules', '.bin'), { recursive: true })
      await writeFile(path.join(cwd, 'node_modules', '.bin', 'holdfast'), '')
      await mkdir(path.join(cwd, 'below', 'node_modules'), { recursive: true })
      use(cwd)
    } finally {
      await rm(cwd, { recursive: true, force: true })
    }
  }

  it('is npx where the project has the command, and the file itself where it has not', async () => {
    await inProject((cwd) => {
      const bin = path.join(cwd, 'bin.js')
      const data = path.join(cwd, '.holdfast', 'audit')
      expect(replayCommand(data, cwd, bin)('a@1')).toBe('npx holdfast replay a@1 --data .holdfast/audit')
      const below = path.join(cwd, 'below')
      expect(replayCommand(data, below, bin)('a@1')).toBe(`node ${bin} replay a@1 --data ${data}`)
    })
  })

  it('quotes what a shell would read', () => {
    expect(replayCommand('/d', '/', undefined)('a>$(b)')).toBe(`npx holdfast replay 'a>$(b)' --data d`)
  })
})

it('a path is relative when it lies below', () => {
  expect([near('/a/b', '/a'), near('/a', '/a'), near('/b', '/a')]).toEqual(['b', '.', '/b'])
})
