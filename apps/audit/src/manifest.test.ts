import { chmod } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultLimits } from './limits.js'
import {
  declaredLicences,
  parseManifest,
  readManifest,
  type Manifest,
  type ManifestReading,
} from './manifest.js'
import { asNobody, canBeDenied, manifestText, withTree, type Planted } from './tree.fixture.js'

const parse = (text: string): ManifestReading => parseManifest(Buffer.from(text))

function manifestOf(fields: Record<string, unknown>): Manifest {
  const reading = parse(manifestText('p', fields))
  if (!reading.ok) throw new TypeError(reading.message)
  return reading.manifest
}

async function codeOf(planted: Planted): Promise<string> {
  return withTree({ p: null, 'p/package.json': planted }, async (root) => {
    const reading = await readManifest(root, 'p')
    return reading.ok ? 'ok' : `${reading.code}: ${reading.message}`
  })
}

describe('a package.json that cannot be used', () => {
  it.each([
    ['empty', '', 'bad-json: package.json is empty'],
    ['cut off', '{"name": "p"', 'bad-json: package.json is not valid JSON'],
    ['a list', '[]', 'not-an-object: package.json holds a list, not an object'],
    ['null', 'null', 'not-an-object: package.json holds null, not an object'],
    ['a text', '"p"', 'not-an-object: package.json holds a string, not an object'],
    ['nameless', '{"version":"1.0.0"}', 'no-name: package.json has no name'],
    [
      'named by a number',
      '{"name":7,"version":"1.0.0"}',
      'no-name: package.json has no name: the field is a number',
    ],
    ['named by nothing', '{"name":" "}', 'no-name: package.json has no name: the field is empty'],
    ['without version', '{"name":"p"}', 'no-version: package.json has no version'],
    [
      'with an odd version',
      '{"name":"p","version":null}',
      'no-version: package.json has no version: the field is null',
    ],
    ['a folder', null, 'unreadable: package.json is a folder where a file should be'],
    ['a FIFO', { fifo: true as const }, 'unreadable: package.json is neither a file nor a folder'],
    ['a link to nowhere', { link: 'nothing' }, 'unreadable: package.json is a link to nowhere'],
    ['a link to itself', { link: 'package.json' }, 'unreadable: package.json is a link that loops'],
    [
      'a link out of the tree',
      { link: '/etc/hostname' },
      'unreadable: package.json is a link out of the audited tree',
    ],
  ])('%s: is classified', async (_, planted, expected) => {
    expect(await codeOf(planted)).toBe(expected)
  })

  it('missing: is classified', async () => {
    await withTree({ p: null }, async (root) => {
      expect(await readManifest(root, 'p')).toMatchObject({ ok: false, code: 'no-manifest' })
    })
  })

  it('too large: is not even parsed', async () => {
    await withTree({ 'p/package.json': manifestText('p') }, async (root) => {
      const reading = await readManifest(root, 'p', { ...defaultLimits, manifestBytesMax: 10 })
      expect(reading).toMatchObject({ ok: false, code: 'too-large' })
    })
  })

  it.skipIf(!canBeDenied)('forbidden: is classified', async () => {
    await withTree({ 'p/package.json': manifestText('p') }, async (root) => {
      await chmod(path.join(root, 'p/package.json'), 0)
      const reading = await asNobody(() => readManifest(root, 'p'))
      expect(reading).toMatchObject({ ok: false, code: 'unreadable' })
    })
  })
})

// Cases 29 and 30: hostile keys and nesting.
describe('a hostile package.json', () => {
  it('with keys of the prototype changes nothing and gives nothing away', () => {
    const text =
      '{"name":"p","version":"1.0.0","__proto__":{"license":"MIT","polluted":1},"constructor":{"prototype":{"polluted":1}},"scripts":{"__proto__":"x"}}'
    const reading = parse(text)
    expect(reading.ok && reading.manifest.declared).toEqual([])
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  it('nested a hundred thousand deep is read or refused, never a crash', () => {
    const deep = `{"name":"p","version":"1.0.0","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(['ok', 'bad-json']).toContain(((reading) => (reading.ok ? 'ok' : reading.code))(parse(deep)))
  })

  it('with endless texts is cut', () => {
    const { declared, installScripts } = manifestOf({
      license: 'x'.repeat(1e5),
      scripts: { install: 'y'.repeat(1e5) },
    })
    expect(declared[0]?.length).toBe(1_000)
    expect(installScripts[0]?.command.length).toBe(1_000)
  })
})

describe('a byte order mark', () => {
  it('is taken off and noted', () => {
    const reading = parseManifest(
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(manifestText('p'))]),
    )
    expect(reading.ok && reading.manifest.oddities).toEqual(['byte-order-mark'])
  })
})

describe('the declared licence', () => {
  it.each([
    [{ license: 'MIT' }, ['MIT'], []],
    [{ license: { type: 'MIT', url: 'http://x.example' } }, ['MIT'], ['licence-object']],
    [
      { license: { url: 'http://opensource.org/licenses/MIT' } },
      ['http://opensource.org/licenses/MIT'],
      ['licence-object'],
    ],
    [
      { licenses: [{ type: 'MIT' }, { type: 'GPL-2.0' }] },
      ['MIT', 'GPL-2.0'],
      ['licence-list', 'licence-object'],
    ],
    [{ licenses: ['MIT', 'ISC', 'MIT'] }, ['MIT', 'ISC'], ['licence-list']],
    [{ licenses: 'MIT' }, ['MIT'], []],
    [{ licenses: { name: 'MIT' } }, ['MIT'], ['licence-object']],
    [{ licence: 'MIT' }, ['MIT'], ['licence-misspelt']],
    [{ license: 'MIT', licenses: ['ISC'] }, ['MIT'], ['licence-list', 'licence-twice']],
    [{ license: 'MIT', licenses: [{ type: 'MIT' }] }, ['MIT'], ['licence-list', 'licence-object']],
    [{ license: true }, [], ['licence-unusable']],
    [{ license: [] }, [], ['licence-list']],
    [{ license: {} }, [], ['licence-object', 'licence-unusable']],
    [{ license: [null, 7, 'MIT'] }, ['MIT'], ['licence-list', 'licence-unusable']],
    [{ license: '', licenses: null }, [], []],
  ])('%j gives %j and notes %j', (fields, declared, oddities) => {
    const read = declaredLicences(fields)
    expect(read.declared).toEqual(declared)
    expect(read.oddities.sort()).toEqual(oddities)
  })
})

describe('scripts and commands', () => {
  it('the scripts npm runs at installing come in the order it runs them', () => {
    const { installScripts, scripts } = manifestOf({
      scripts: { test: 't', postinstall: 'c', preinstall: 'a', install: 'b', prepare: 'd' },
    })
    expect(installScripts.map((script) => script.command)).toEqual(['a', 'b', 'c'])
    expect(scripts).toEqual(['install', 'postinstall', 'preinstall', 'prepare', 'test'])
  })

  it.each([
    [{ bin: 'x.js' }, ['p']],
    [{ bin: { b: 'b.js', a: 'a.js' } }, ['a', 'b']],
    [{}, []],
  ])('%j offers %j', (fields, bins) => {
    expect(manifestOf(fields).bins).toEqual(bins)
  })

  it('of an odd shape are noted, and the rest is still read', () => {
    expect(manifestOf({ scripts: 'x', bin: ['x'] }).oddities).toEqual(['bin-unusable', 'scripts-unusable'])
    expect(manifestOf({ scripts: { a: 1 }, bin: { a: 1 } }).oddities).toEqual([
      'bin-unusable',
      'scripts-unusable',
    ])
  })
})
