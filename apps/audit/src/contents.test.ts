import { chmod } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { licenceRoleOf, readContents, type Contents } from './contents.js'
import { isc, mit } from './licence-bodies.fixture.js'
import { defaultLimits } from './limits.js'
import { asNobody, canBeDenied, withTree, type Plan } from './tree.fixture.js'

async function contentsOf(plan: Plan, limits = defaultLimits): Promise<Contents> {
  const below = Object.entries(plan).map(([name, planted]) => [`p/${name}`, planted] as const)
  return withTree({ p: null, ...Object.fromEntries(below) }, (root) => readContents(root, 'p', limits))
}

const skippedOf = (contents: Contents): string[] =>
  contents.skipped.first.map(({ path, failure }) => `${path} ${failure}`)

it("files and bytes are counted, the package's own node_modules are not", async () => {
  const contents = await contentsOf({
    'a.js': '12345',
    'lib/b.js': '123',
    'node_modules/x/c.js': '1',
    empty: null,
  })
  expect([contents.files, contents.bytes, contents.isComplete]).toEqual([2, 8, true])
})

it('an empty package has nothing', async () => {
  const contents = await contentsOf({})
  expect([contents.files, contents.bytes, contents.licenceFiles, contents.readme]).toEqual([0, 0, [], null])
})

describe('licence files', () => {
  it.each([
    ['LICENSE', 'licence'],
    ['LICENCE.md', 'licence'],
    ['license.txt', 'licence'],
    ['LICENSE-MIT', 'licence'],
    ['LICENSE.BSD', 'licence'],
    ['MIT-LICENSE.txt', 'licence'],
    ['COPYING', 'licence'],
    ['COPYING.LESSER', 'licence'],
    ['UNLICENSE', 'licence'],
    ['LICENSES.txt', 'licence'],
    ['NOTICE', 'notice'],
    ['NOTICE.txt', 'notice'],
    ['ThirdPartyNoticeText.txt', 'notice'],
    ['LICENSE-3rdparty.txt', 'notice'],
    ['license.js', null],
    ['license-checker.json', null],
    ['copying-files.md', 'licence'],
    ['licensed.md', null],
    ['third-party.md', null],
    ['notify.md', null],
  ])('%s is %s', (name, role) => {
    expect(licenceRoleOf(name)).toBe(role)
  })

  it('are read at the top and in a LICENSES folder; deeper ones are counted as bundled', async () => {
    const contents = await contentsOf({
      LICENSE: mit,
      'LICENSES/ISC.txt': isc,
      'NOTICE.md': 'thanks',
      'vendor/x/LICENSE': mit,
      'vendor/y/COPYING': mit,
    })
    expect(contents.licenceFiles.map(({ path, role }) => [path, role])).toEqual([
      ['LICENSE', 'licence'],
      ['LICENSES/ISC.txt', 'licence'],
      ['NOTICE.md', 'notice'],
    ])
    expect(contents.bundledLicences).toEqual({ count: 2, first: 'vendor/x/LICENSE' })
  })

  it('in UTF-16 are read as text', async () => {
    const { licenceFiles } = await contentsOf({ LICENSE: Buffer.from(`\ufeff${mit}`, 'utf16le') })
    expect(licenceFiles[0]?.text).toBe(mit)
  })

  it('that are links are read inside the tree and skipped outside of it', async () => {
    const contents = await contentsOf({
      '../shared-licence': mit,
      'LICENSE.md': { link: '../shared-licence' },
      COPYING: { link: '/etc/hostname' },
      UNLICENSE: { link: 'nothing' },
    })
    expect(contents.licenceFiles.map((file) => file.path)).toEqual(['LICENSE.md'])
    expect(skippedOf(contents)).toEqual(['COPYING leaves-the-tree', 'UNLICENSE broken-link'])
  })

  it('that are folders are said, and what is in them is not lost', async () => {
    const contents = await contentsOf({ 'LICENSE/mit.txt': mit, 'README.md': null })
    expect(skippedOf(contents)).toEqual(['LICENSE is-folder', 'README.md is-folder'])
    expect(contents.files).toBe(1)
  })
})

describe('odd entries', () => {
  it('links, FIFOs and links to nowhere are skipped and said', async () => {
    const contents = await contentsOf({
      'a.js': '1',
      around: { link: '.' },
      'lost.js': { link: 'nothing' },
      pipe: { fifo: true },
    })
    expect(skippedOf(contents)).toEqual(['around link', 'lost.js link', 'pipe not-a-file'])
    expect(contents.files).toBe(1)
  })

  it.skipIf(!canBeDenied)('a file or folder that may not be read is said, and the rest is read', async () => {
    await withTree({ 'p/a.js': '1', 'p/b/c.js': '1', 'p/LICENSE': mit, 'p/z.js': '1' }, async (root) => {
      for (const name of ['a.js', 'b', 'LICENSE']) await chmod(path.join(root, 'p', name), 0)
      const contents = await asNobody(() => readContents(root, 'p'))
      await chmod(path.join(root, 'p/b'), 0o755)
      expect(skippedOf(contents)).toEqual(['LICENSE no-access', 'a.js no-access', 'b no-access'])
      expect([contents.files, contents.bytes]).toEqual([3, 1])
    })
  })

  it("node_modules below the own folders are the package's own files, and said", async () => {
    const contents = await contentsOf({ 'dist/node_modules/x/a.js': '12' })
    expect([contents.files, contents.bundledNodeModules]).toEqual([1, ['dist/node_modules']])
  })

  it('more of them than are listed are still counted', async () => {
    const links = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { link: 'x' }]))
    const contents = await contentsOf(links, { ...defaultLimits, listedMax: 2 })
    expect(skippedOf(contents)).toEqual(['a link', 'b link'])
    expect(contents.skipped.count).toBe(4)
  })
})

describe('native binaries and builds', () => {
  it('are found by their bytes, wherever they are', async () => {
    const elf = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), Buffer.alloc(20)])
    const contents = await contentsOf({
      'bin/tool': elf,
      'build/x.node': elf,
      'a.js': '1',
      'binding.gyp': '{}',
    })
    expect(contents.nativeBinaries).toEqual({
      count: 2,
      first: [
        { path: 'bin/tool', format: 'ELF' },
        { path: 'build/x.node', format: 'ELF' },
      ],
    })
    expect(contents.hasGypFile).toBe(true)
  })
})

describe('readme and headers', () => {
  it('the plainest readme is chosen', async () => {
    const names = ['README.zh-CN.md', 'readme.txt', 'README.md', 'README-old.md']
    const contents = await contentsOf(Object.fromEntries(names.map((name) => [name, '## License\n\nMIT'])))
    expect(contents.readme).toMatchObject({ path: 'README.md', passages: { section: 'License\nMIT' } })
  })

  it('headers that speak of a licence are kept, and it is known of how many files', async () => {
    const contents = await contentsOf({
      'a.js': '// @license MIT\n',
      'b.js': 'b()',
      'c.txt': '// @license MIT',
    })
    expect(contents.headers).toEqual({ sources: 2, found: [{ path: 'a.js', text: '// @license MIT' }] })
  })
})

describe('bounds', () => {
  it('of the number of files: the first by name are seen, and it is said', async () => {
    const contents = await contentsOf(
      { a: '1', 'b/c': '1', d: '1' },
      { ...defaultLimits, filesPerPackageMax: 2 },
    )
    expect([contents.files, contents.isComplete]).toEqual([2, false])
  })

  it('of the depth: what lies deeper is skipped and said', async () => {
    const contents = await contentsOf({ 'a/b/c/file': '1' }, { ...defaultLimits, folderDepthMax: 2 })
    expect(skippedOf(contents)).toEqual(['a/b/c too-deep'])
  })

  it('of entries, licence files and headers hold', async () => {
    const plan = { 'LICENSE-a': mit, 'LICENSE-b': mit, 'a.js': '// license', 'b.js': '// license' }
    const limits = { ...defaultLimits, licenceFilesMax: 1, headersMax: 1, licenceBytesMax: 7 }
    const contents = await contentsOf(plan, limits)
    expect(contents.licenceFiles).toEqual([{ path: 'LICENSE-a', role: 'licence', text: 'MIT Lic' }])
    expect([contents.headers.found.length, contents.isComplete]).toEqual([1, false])
    expect((await contentsOf(plan, { ...defaultLimits, entriesPerFolderMax: 3 })).isComplete).toBe(false)
  })
})
