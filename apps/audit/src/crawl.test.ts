import { chmod, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  absorb,
  crawlFindings,
  crawlPackages,
  folderNameOf,
  listPackages,
  nestedNodeModules,
  nextFolder,
  readNodeModules,
  startCrawl,
  type Crawl,
  type FolderReading,
} from './crawl.js'
import { defaultLimits } from './limits.js'
import { asNobody, canBeDenied, withTree, type Plan } from './tree.fixture.js'

const places = (crawl: Crawl): string[] => crawlPackages(crawl).map((found) => found.place)
const found = (crawl: Crawl): string[] =>
  crawlFindings(crawl).map((finding) => `${finding.kind} ${finding.place}`)

async function crawled(plan: Plan, limits = defaultLimits): Promise<{ places: string[]; found: string[] }> {
  return withTree(plan, async (root) => {
    const crawl = await listPackages(root, limits)
    return { places: places(crawl), found: found(crawl) }
  })
}

describe('packages', () => {
  it('plain, scoped and nested ones are found, and several versions of one name', async () => {
    const { places } = await crawled({
      'a/package.json': '',
      '@s/b/package.json': '',
      'a/node_modules/c/package.json': '',
      'a/node_modules/@s/b/node_modules/a/package.json': '',
      c: null,
      '.bin/tool': '',
      '.package-lock.json': '',
      '.cache/x/package.json': '',
    })
    expect(places).toEqual([
      '@s/b',
      'a',
      'a/node_modules/@s/b',
      'a/node_modules/@s/b/node_modules/a',
      'a/node_modules/c',
      'c',
    ])
  })

  it('an empty tree has none and no findings', async () => {
    expect(await crawled({})).toEqual({ places: [], found: [] })
  })

  it.each([
    ['a', 'a'],
    ['@s/a', '@s/a'],
    ['x/node_modules/@s/a', '@s/a'],
    ['.store/a@1/node_modules/a', 'a'],
    ['a/lib/inner', 'inner'],
  ])('%s is installed as %s', (place, name) => {
    expect(folderNameOf(place)).toBe(name)
  })
})

describe('what does not belong', () => {
  it('is a finding: files, special files, a scope in a scope, node_modules in node_modules', async () => {
    const { places, found } = await crawled({
      'readme.txt': '',
      '@s/file': '',
      '@s/@t/x': '',
      pipe: { fifo: true },
      '@file': '',
      'node_modules/a/package.json': '',
      'b/node_modules': 'a file where a folder should be',
    })
    expect(places).toEqual(['b', 'node_modules/a'])
    expect(found).toEqual([
      'stray-entry @file',
      'stray-entry @s/@t',
      'stray-entry @s/file',
      'stray-entry b/node_modules',
      'misplaced-node-modules node_modules',
      'stray-entry pipe',
      'stray-entry readme.txt',
    ])
  })

  it.skipIf(!canBeDenied)('a folder that may not be read is said, and the crawl goes on', async () => {
    await withTree({ '@s/a': null, b: null, 'c/node_modules/d': null }, async (root) => {
      await chmod(path.join(root, '@s'), 0)
      await chmod(path.join(root, 'c'), 0)
      const crawl = await asNobody(() => listPackages(root))
      await chmod(path.join(root, '@s'), 0o755)
      await chmod(path.join(root, 'c'), 0o755)
      expect(places(crawl)).toEqual(['b', 'c'])
      expect(found(crawl)).toEqual(['unreadable-folder @s', 'unreadable-folder c'])
    })
  })

  it('a name that is not UTF-8 is a place like any other', async () => {
    await withTree({}, async (root) => {
      await mkdir(Buffer.concat([Buffer.from(`${root}/x`), Buffer.from([0xff])]))
      expect(places(await listPackages(root))).toEqual(['x\ufffd'])
    })
  })
})

describe('links', () => {
  it('C1 a package is counted once, at its real place, whichever name comes first', async () => {
    const { places, found } = await crawled({
      'a-link': { link: 'real' },
      real: null,
      'z-link': { link: 'real' },
    })
    expect(places).toEqual(['real'])
    expect(found).toEqual(['already-counted real'])
  })

  it('to nowhere, round in a circle, out of the tree, to a file, to a folder above: each is a finding', async () => {
    const { places, found } = await crawled({
      '../elsewhere/package.json': '',
      file: '',
      a: null,
      broken: { link: 'nothing' },
      circle: { link: 'circle' },
      outside: { link: '../elsewhere' },
      'to-file': { link: 'file' },
      'a/node_modules/self': { link: '..' },
      'a/node_modules/top': { link: '../..' },
      '@up': { link: '.' },
    })
    expect(places).toEqual(['a'])
    expect(found).toEqual([
      'link-loop @up',
      'link-loop a/node_modules/self',
      'link-loop a/node_modules/top',
      'broken-link broken',
      'link-loop circle',
      'stray-entry file',
      'link-outside outside',
      'link-to-file to-file',
    ])
  })

  it('C3 two packages that link to each other end', async () => {
    const { places, found } = await crawled({
      'a/node_modules/b': { link: '../../b' },
      'b/node_modules/a': { link: '../../a' },
    })
    expect(places).toEqual(['a', 'b'])
    expect(found).toEqual(['already-counted a', 'already-counted b'])
  })

  it('into a store are followed, and what lies beside the target there is found too', async () => {
    const { places, found } = await crawled({
      '.store/a@1/node_modules/a/package.json': '',
      '.store/a@1/node_modules/b': { link: '../../b@1/node_modules/b' },
      '.store/b@1/node_modules/b/package.json': '',
      a: { link: '.store/a@1/node_modules/a' },
    })
    expect(places).toEqual(['.store/a@1/node_modules/a', '.store/b@1/node_modules/b'])
    expect(found).toEqual([])
  })

  it('of a whole scope lead to the packages in it', async () => {
    const { places, found } = await crawled({ '@real/a': null, '@linked': { link: '@real' } })
    expect(places).toEqual(['@real/a'])
    expect(found).toEqual(['already-counted @real/a'])
  })

  it('of a node_modules folder are read once', async () => {
    const { places } = await crawled({
      'a/node_modules/x': null,
      'b/node_modules': { link: '../a/node_modules' },
    })
    expect(places).toEqual(['a', 'a/node_modules/x', 'b'])
  })
})

describe('bounds', () => {
  it('of a folder: the first entries are read and the rest is said', async () => {
    const { places, found } = await crawled(
      { a: null, b: null, c: null },
      { ...defaultLimits, entriesPerFolderMax: 2 },
    )
    expect(places).toEqual(['a', 'b'])
    expect(found).toEqual(['too-many-entries '])
  })

  it('of the depth: what lies deeper is not read and is said', async () => {
    const plan = { 'a/node_modules/b/node_modules/c/node_modules/d': null }
    const { places, found } = await crawled(plan, { ...defaultLimits, nestingMax: 2 })
    expect(places).toEqual(['a', 'a/node_modules/b', 'a/node_modules/b/node_modules/c'])
    expect(found).toEqual(['nested-too-deep a/node_modules/b/node_modules/c/node_modules'])
  })

  it('hold for node_modules folders right inside each other as well', async () => {
    const plan = { [`${'node_modules/'.repeat(6)}a`]: null }
    const { places, found } = await crawled(plan, { ...defaultLimits, nestingMax: 3 })
    expect(places).toEqual([])
    expect(found.at(-1)).toBe('nested-too-deep node_modules/node_modules/node_modules/node_modules')
  })
})

describe('steps', () => {
  const plan: Plan = {
    'a/node_modules/x': null,
    'b/node_modules/x': { link: '../../a/node_modules/x' },
    link: { link: 'a/node_modules/x' },
    broken: { link: 'nothing' },
  }

  it('C2 the order in which folders are read changes nothing', async () => {
    await withTree(plan, async (root) => {
      const readings: FolderReading[] = []
      for (const folder of ['', 'a/node_modules', 'b/node_modules'])
        readings.push(await readNodeModules(root, folder))
      for (const place of ['a', 'b', 'a/node_modules/x']) readings.push(await nestedNodeModules(root, place))
      const fold = (order: FolderReading[]): Crawl =>
        order.reduce((crawl, reading) => absorb(crawl, reading).crawl, startCrawl())
      const forward = fold(readings)
      const backward = fold([...readings].reverse())
      expect(places(backward)).toEqual(places(forward))
      expect(found(backward)).toEqual(found(forward))
      expect(found(forward)).toEqual(['already-counted a/node_modules/x', 'broken-link broken'])
    })
  })

  it('the state is plain data: written down and read back, the crawl goes on as it would have', async () => {
    await withTree(plan, async (root) => {
      const first = absorb(startCrawl(), await readNodeModules(root, '')).crawl
      const revived = JSON.parse(JSON.stringify(first)) as Crawl
      const next = await nestedNodeModules(root, 'a')
      expect(absorb(revived, next)).toEqual(absorb(first, next))
      expect(nextFolder(absorb(revived, next).crawl)).toBe('a/node_modules')
    })
  })

  it('each package is fresh once', async () => {
    await withTree({ a: null, link: { link: 'a' } }, async (root) => {
      const reading = await readNodeModules(root, '')
      const { crawl, fresh } = absorb(startCrawl(), reading)
      expect(fresh.map((one) => one.place)).toEqual(['a'])
      expect(absorb(crawl, reading).fresh).toEqual([])
      expect(nextFolder(crawl)).toBeNull()
    })
  })
})
