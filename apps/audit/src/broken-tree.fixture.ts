// One tree with every broken thing a real one may hold, and what is to be said of it.

import { gpl3, isc, mit } from './licence-bodies.fixture.js'
import { manifestText, type Plan } from './tree.fixture.js'

const elf = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), Buffer.alloc(20)])

export const brokenTree: Plan = {
  // In order, in three versions and several places.
  'good/package.json': manifestText('good', { license: 'MIT' }),
  'good/LICENSE': mit,
  'good/README.md': '## License\n\nMIT\n',
  'good/node_modules/twice/package.json': manifestText('twice', { license: 'ISC', version: '2.0.0' }),
  'good/node_modules/twice/LICENSE': isc,
  'twice/package.json': manifestText('twice', { license: 'ISC' }),
  'twice/LICENSE': isc,
  '@scope/inner/package.json': manifestText('@scope/inner', { license: 'MIT' }),
  // No manifest that could be used.
  'no-manifest/index.js': '',
  'bad-json/package.json': '{ "name": ',
  'empty-manifest/package.json': '',
  'list-manifest/package.json': '[]',
  'no-name/package.json': '{"version":"1.0.0"}',
  'no-version/package.json': '{"name":"no-version"}',
  'folder-manifest/package.json': null,
  'fifo-manifest/package.json': { fifo: true },
  'lost-manifest/package.json': { link: 'nothing' },
  // Odd, and audited all the same.
  'with-mark/package.json': `\ufeff${manifestText('with-mark', { license: 'MIT' })}`,
  'object-licence/package.json': manifestText('object-licence', { license: { type: 'MIT' } }),
  'list-licence/package.json': manifestText('list-licence', { licenses: [{ type: 'MIT' }, { type: 'ISC' }] }),
  'odd-licence/package.json': manifestText('odd-licence', { license: 42 }),
  'alias/package.json': manifestText('original', { license: 'MIT' }),
  'no-licence/package.json': manifestText('no-licence'),
  'two-licences/package.json': manifestText('two-licences', { license: 'MIT OR ISC' }),
  'two-licences/LICENSE': `${mit}\n${isc}`,
  'disputed/package.json': manifestText('disputed', { license: 'MIT' }),
  'disputed/LICENSE': gpl3,
  'folder-licence/package.json': manifestText('folder-licence', { license: 'MIT' }),
  'folder-licence/LICENSE/text': mit,
  'native/package.json': manifestText('native', { license: 'MIT', scripts: { install: 'node-gyp rebuild' } }),
  'native/build/native.node': elf,
  // Names that would be syntax somewhere.
  'evil <b>|`$(x)`\u001b[2J\n/package.json': manifestText('evil\u202e|<script>', {
    license: '](javascript:x)',
  }),
  '__proto__/package.json': manifestText('__proto__', { license: '__proto__' }),
  // Links, and what does not belong.
  'to-good': { link: 'good' },
  'to-nowhere': { link: 'nothing' },
  'to-itself': { link: 'to-itself' },
  'to-outside': { link: '../..' },
  'good/node_modules/round': { link: '..' },
  'stray.txt': '',
  '.bin/tool': { link: '../good/index.js' },
}

/** What is broken beyond use, and the class of the error it causes. */
export const brokenPlaces: readonly (readonly [place: string, error: string])[] = [
  ['bad-json', 'ManifestNotJson'],
  ['empty-manifest', 'ManifestNotJson'],
  ['fifo-manifest', 'ManifestUnreadable'],
  ['folder-manifest', 'ManifestUnreadable'],
  ['list-manifest', 'ManifestNotAnObject'],
  ['lost-manifest', 'ManifestUnreadable'],
  ['no-manifest', 'ManifestMissing'],
  ['no-name', 'ManifestWithoutName'],
  ['no-version', 'ManifestWithoutVersion'],
]

/** What is found, as kind and place, besides what comes with every package that has no licence text. */
export const expectedFindings: readonly string[] = [
  'already-counted good',
  'broken-link to-nowhere',
  'disputed-licence disputed',
  'install-script native',
  'link-loop good/node_modules/round',
  'link-loop to-itself',
  'link-outside to-outside',
  'name-mismatch alias',
  'native-binary native',
  'no-licence no-licence',
  'no-licence odd-licence',
  'odd-manifest list-licence',
  'odd-manifest object-licence',
  'odd-manifest odd-licence',
  'odd-manifest with-mark',
  'skipped-file folder-licence',
  'stray-entry stray.txt',
  'two-licences list-licence',
  'two-licences two-licences',
  'unknown-licence __proto__',
]
