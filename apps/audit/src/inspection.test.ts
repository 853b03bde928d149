import { describe, expect, it } from 'vitest'
import type { Finding } from './findings.js'
import { brokenPackage } from './inspection.js'
import { apache2, bsd3, gpl3, isc, mit, mitVariant } from './licence-bodies.fixture.js'
import { defaultLimits } from './limits.js'
import type { PackageResult } from './inspection.js'
import { auditTree, manifestText, withTree, type Plan } from './tree.fixture.js'

async function inspected(
  fields: Record<string, unknown>,
  files: Plan = {},
  limits = defaultLimits,
): Promise<PackageResult> {
  const below = Object.entries(files).map(([name, planted]) => [`p/${name}`, planted] as const)
  const plan = { 'p/package.json': manifestText('p', fields), ...Object.fromEntries(below) }
  const [result] = await withTree(plan, async (root) => (await auditTree(root, limits)).packages)
  if (result === undefined) throw new TypeError('the package was not audited')
  return result
}

const kinds = (result: PackageResult): string[] => result.findings.map((finding: Finding) => finding.kind)

describe('a package in order', () => {
  it('has no findings', async () => {
    const result = await inspected(
      { license: 'MIT' },
      { LICENSE: mit, 'README.md': '## License\nMIT', 'i.js': '1' },
    )
    expect(result).toMatchObject({ place: 'p', name: 'p', version: '1.0.0', files: 4, findings: [] })
    expect(result.verdict).toMatchObject({ outcome: 'agreed', licence: 'MIT', category: 'permissive' })
    expect(result.votes.map((vote) => vote.voter)).toEqual(['declared', 'text', 'readme'])
  })
})

describe('what the manifest says', () => {
  const licensed = { LICENSE: mit }

  it.each([
    [{ name: 'q' }, 'name-mismatch'],
    [{ version: 'latest' }, 'odd-version'],
    [{ version: '1.0' }, 'odd-version'],
    [{ scripts: { postinstall: 'x' } }, 'install-script'],
    [{ license: { type: 'MIT' } }, 'odd-manifest'],
  ])('%j is found: %s', async (fields, kind) => {
    expect(kinds(await inspected({ license: 'MIT', ...fields }, licensed))).toEqual([kind])
  })

  it.each(['1.0.0-rc.1+build.5', '10.20.30'])('%s is a version', async (version) => {
    expect(kinds(await inspected({ license: 'MIT', version }, licensed))).toEqual([])
  })

  it('a binding.gyp runs code when installed, unless the manifest says otherwise', async () => {
    const files = { ...licensed, 'binding.gyp': '{}' }
    expect(kinds(await inspected({ license: 'MIT' }, files))).toEqual(['implicit-install'])
    expect(kinds(await inspected({ license: 'MIT', gypfile: false }, files))).toEqual([])
    expect(kinds(await inspected({ license: 'MIT', scripts: { install: 'x' } }, files))).toEqual([
      'install-script',
    ])
  })
})

describe('what the package holds', () => {
  it('binaries, bundled code, skipped files and size are found', async () => {
    const elf = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), Buffer.alloc(20)])
    const files = {
      LICENSE: mit,
      tool: elf,
      'vendor/LICENSE': mit,
      'dist/node_modules/x.js': '1',
      lost: { link: 'nothing' },
    }
    const result = await inspected({ license: 'MIT' }, files, { ...defaultLimits, veryLargeBytes: 100 })
    expect(kinds(result)).toEqual([
      'bundled-licences',
      'bundled-node-modules',
      'native-binary',
      'skipped-file',
      'very-large',
    ])
    expect(result.nativeBinaries).toBe(1)
  })

  it('what a limit left out is found', async () => {
    const files = { LICENSE: mit, a: { link: 'x' }, b: { link: 'x' } }
    const limits = { ...defaultLimits, listedMax: 1, filesPerPackageMax: 1 }
    expect(kinds(await inspected({ license: 'MIT' }, files, limits))).toContain('not-fully-read')
    expect(kinds(await inspected({ license: 'MIT' }, files, { ...defaultLimits, listedMax: 1 }))).toEqual([
      'skipped-file',
      'skipped-files',
    ])
  })
})

describe('the licence', () => {
  it.each([
    ['none anywhere', {}, {}, ['no-licence']],
    ['unknown to everybody', { license: 'Mine' }, {}, ['unknown-licence']],
    [
      'only in a text nobody knows',
      {},
      { LICENSE: 'Ask me.' },
      ['unknown-licence', 'unrecognised-licence-text'],
    ],
    ['declared and nothing else', { license: 'MIT' }, {}, ['no-licence-text', 'unconfirmed-licence']],
    ['disputed', { license: 'MIT' }, { LICENSE: isc }, ['disputed-licence']],
    [
      'held by two of three',
      { license: 'MIT' },
      { LICENSE: mit, 'README.md': '## License\nISC' },
      ['licence-dissent'],
    ],
    ['weak copyleft', { license: 'MPL-2.0' }, {}, ['copyleft', 'no-licence-text', 'unconfirmed-licence']],
    ['strong copyleft', { license: 'GPL-3.0' }, { COPYING: gpl3 }, ['copyleft']],
    ['a choice', { license: 'MIT OR GPL-3.0' }, { LICENSE: mit }, ['two-licences']],
    ['both', { license: 'MIT AND ISC' }, { LICENSE: mit }, ['two-licences']],
    ['with another beside it', { license: 'MIT' }, { LICENSE: `${mit}${bsd3}` }, ['two-licences']],
    [
      'in two files',
      { license: '(MIT OR Apache-2.0)' },
      { 'LICENSE-MIT': mit, 'LICENSE-APACHE': apache2 },
      ['two-licences'],
    ],
    [
      'kept to themselves',
      { license: 'UNLICENSED' },
      {},
      ['no-licence-text', 'proprietary', 'unconfirmed-licence'],
    ],
    ['changed by a sentence', { license: 'MIT' }, { LICENSE: mitVariant }, ['disputed-licence']],
    [
      'in a file the manifest points to',
      { license: 'SEE LICENSE IN LICENSE' },
      { LICENSE: mit },
      ['unconfirmed-licence'],
    ],
    [
      'another one in a file of others',
      { license: 'MIT' },
      { LICENSE: mit, 'a.js': '// @license GPL-3.0', 'b.js': '', 'c.js': '' },
      ['other-header'],
    ],
  ])('%s: %j with %o', async (_, fields, files, expected) => {
    expect(kinds(await inspected(fields, files))).toEqual(expected)
  })

  it('of a file of others is a warning when it asks for more', async () => {
    const files = {
      LICENSE: mit,
      'a.js': '// @license GPL-3.0',
      'b.js': '// @license ISC',
      'c.js': '',
      'd.js': '',
      'e.js': '',
    }
    const { findings } = await inspected({ license: 'MIT' }, files)
    expect(findings.map((finding) => finding.severity)).toEqual(['warning', 'info'])
  })
})

it('a package whose manifest is broken is a result with a finding', () => {
  expect(brokenPackage('a', { code: 'bad-json', message: 'package.json is empty' })).toMatchObject({
    place: 'a',
    code: 'bad-json',
    findings: [{ kind: 'broken-manifest', severity: 'problem', text: 'package.json is empty' }],
  })
})
