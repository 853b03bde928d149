import { chmod } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  decodeText,
  followLink,
  listFolder,
  placeBelow,
  readFailureOf,
  readInTree,
  readStart,
  realRootOf,
} from './files.js'
import { asNobody, canBeDenied, withTree } from './tree.fixture.js'

describe('reading a file', () => {
  it('F1 a FIFO is refused instead of waited for', async () => {
    await withTree({ pipe: { fifo: true } }, async (root) => {
      expect(readStart(path.join(root, 'pipe'), 10)).toEqual({ ok: false, failure: 'not-a-file' })
    })
  })

  it('gives the first bytes and the whole size', async () => {
    await withTree({ file: 'abcdef' }, async (root) => {
      const reading = readStart(path.join(root, 'file'), 3)
      expect(reading.ok && [reading.bytes.toString(), reading.size]).toEqual(['abc', 6])
    })
  })

  it('says what is wrong in a closed word', async () => {
    await withTree({ folder: null, file: '' }, async (root) => {
      const failureOf = (name: string): string => {
        const reading = readStart(path.join(root, name), 3)
        return reading.ok ? 'ok' : reading.failure
      }
      expect(failureOf('folder')).toBe('is-folder')
      expect(failureOf('nothing')).toBe('missing')
      expect(failureOf('file/below')).toBe('missing')
      expect(failureOf('n'.repeat(300))).toBe('io-error')
    })
  })

  it.skipIf(!canBeDenied)('a file whose mode forbids it is not read', async () => {
    await withTree({ file: 'secret' }, async (root) => {
      await chmod(path.join(root, 'file'), 0)
      const reading = await asNobody(async () => readStart(path.join(root, 'file'), 3))
      expect(reading).toEqual({ ok: false, failure: 'no-access' })
    })
  })

  it('F2 a link is followed inside the tree and nowhere else', async () => {
    const plan = {
      '../outside': 'secret',
      file: 'inside',
      near: { link: 'file' },
      far: { link: '../outside' },
      lost: { link: 'nothing' },
      round: { link: 'round' },
    }
    await withTree(plan, async (root) => {
      const real = realRootOf(root)
      const read = async (name: string): Promise<string> => {
        const reading = readInTree(real, path.join(real, name), 100)
        return reading.ok ? reading.bytes.toString() : reading.failure
      }
      expect(await read('near')).toBe('inside')
      expect(await read('far')).toBe('leaves-the-tree')
      expect(await read('lost')).toBe('broken-link')
      expect(await read('round')).toBe('link-loop')
    })
  })
})

describe('listing a folder', () => {
  it('F3 keeps the first names and counts the rest', async () => {
    const names = Array.from({ length: 40 }, (_, at) => `f${String(at).padStart(2, '0')}`)
    await withTree(Object.fromEntries([...names].reverse().map((name) => [name, ''])), async (root) => {
      const { entries, left } = listFolder(root, 5)
      expect(entries.map((entry) => entry.name)).toEqual(names.slice(0, 5))
      expect(left).toBe(35)
    })
  })

  it('tells files, folders, links and the rest apart', async () => {
    await withTree({ a: '', b: null, c: { link: 'a' }, d: { fifo: true } }, async (root) => {
      const { entries } = listFolder(root, 10)
      expect(entries.map((entry) => entry.kind)).toEqual(['file', 'folder', 'link', 'other'])
    })
  })
})

it('a name that only begins with two dots lies inside the tree', async () => {
  expect(placeBelow('/r', '/r/..a')).toBe('..a')
  expect(placeBelow('/r', '/ra')).toBeNull()
  await withTree({ '..a/file': '', link: { link: '..a' } }, async (root) => {
    const real = realRootOf(root)
    expect(followLink(real, path.join(real, 'link'))).toEqual({
      ok: true,
      target: '..a',
      kind: 'folder',
    })
  })
})

it('an error that is not of the file system is ours and is thrown on', () => {
  const mistake = new TypeError('x is undefined')
  expect(() => readFailureOf(mistake)).toThrow(mistake)
})

it('a root that is not there is no tree, and the error carries no path', () => {
  const missing = (): string => realRootOf('/nowhere/at/all')
  expect(missing).toThrow(expect.objectContaining({ name: 'NoTree', code: 'no-tree' }))
  expect(missing).not.toThrow(/nowhere/)
})

it.each([
  ['UTF-8 with a mark', [0xef, 0xbb, 0xbf, 0x61]],
  ['UTF-16, little end first', [0xff, 0xfe, 0x61, 0]],
  ['UTF-16, big end first', [0xfe, 0xff, 0, 0x61]],
  ['UTF-8', [0x61]],
])('text in %s is read without its mark', (_, bytes) => {
  expect(decodeText(Buffer.from(bytes))).toBe('a')
})
