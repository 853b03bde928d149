import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { dataFor, targetOf, treeRoot, wantsHelp } from './target.js'
import { withTree } from './tree.fixture.js'

describe('the root', () => {
  it('is the folder itself when it is a node_modules, or the one below it', async () => {
    await withTree({ a: null }, async (root) => {
      expect(treeRoot(root)).toBe(root)
      expect(treeRoot(path.dirname(root))).toBe(root)
    })
  })

  it('is a node_modules by whatever name a link gives it', async () => {
    await withTree({}, async (root) => {
      const link = path.join(path.dirname(root), 'modules')
      await symlink(root, link)
      expect(treeRoot(link)).toBe(link)
      expect(targetOf(['--path', link]).root).toBe(root)
    })
  })

  it('that is missing, a file or no node_modules is refused, without its path in the message', async () => {
    await withTree({ a: null }, async (root) => {
      await writeFile(path.join(root, 'file'), '')
      for (const asked of ['file', 'nothing', 'a']) {
        const refused = (): string => treeRoot(path.join(root, asked))
        expect(refused).toThrow(expect.objectContaining({ name: 'NoTree', code: 'no-tree' }) as Error)
        expect(refused).not.toThrow(root)
      }
    })
  })
})

describe('the arguments', () => {
  it('name the tree and where the reports go', async () => {
    await withTree({}, async (root) => {
      const out = path.join(root, 'out')
      await mkdir(out)
      expect(targetOf([`--path=${root}`, '--out', out, '--fresh'])).toEqual({ root, out, fresh: true })
      expect(targetOf(['--path', root])).toEqual({ root, out: process.cwd(), fresh: false })
    })
  })

  it('without a path mean the tree that the audit itself is installed in', () => {
    expect(targetOf([]).root).toMatch(/node_modules$/)
  })

  it.each([
    [['--paht', 'x'], /--paht/],
    [['somewhere'], /somewhere/],
    [['--path'], /--path/],
    [['--path', ''], /--path is empty/],
    [['--out='], /--out is empty/],
    [['--fresh=yes'], /--fresh/],
  ])('%j is refused and named', (args, said) => {
    expect(() => targetOf(args)).toThrow(said)
    expect(() => targetOf(args)).toThrow(expect.objectContaining({ code: 'HF_INVALID' }) as Error)
  })

  it('may ask for help', () => {
    expect([wantsHelp(['--help']), wantsHelp(['-h']), wantsHelp(['--fresh'])]).toEqual([true, true, false])
  })
})

it('each tree has a data directory of its own, and help has none of those', async () => {
  await withTree({}, async (first) => {
    await withTree({}, async (second) => {
      const [one, two] = [dataFor(['--path', first]), dataFor(['--path', second])]
      expect(one).toMatch(/^\.holdfast.audit-[0-9a-f]{10}$/)
      expect(one).not.toBe(two)
      expect(dataFor(['--path', path.dirname(first), '--fresh'])).toBe(one)
      expect(dataFor(['--path', first, '--help'])).not.toContain('.holdfast')
    })
  })
})
