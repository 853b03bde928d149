import { expect, it } from 'vitest'
import {
  brokenManifest,
  BrokenManifest,
  ManifestMissing,
  ManifestNotAnObject,
  ManifestNotJson,
  ManifestTooLarge,
  ManifestUnreadable,
  ManifestWithoutName,
  ManifestWithoutVersion,
  NoTree,
} from './errors.js'

// A supervisor chooses its directive by these names, so a changed name is a changed contract.
it.each([
  ['no-manifest', ManifestMissing, 'ManifestMissing'],
  ['bad-json', ManifestNotJson, 'ManifestNotJson'],
  ['not-an-object', ManifestNotAnObject, 'ManifestNotAnObject'],
  ['no-name', ManifestWithoutName, 'ManifestWithoutName'],
  ['no-version', ManifestWithoutVersion, 'ManifestWithoutVersion'],
  ['too-large', ManifestTooLarge, 'ManifestTooLarge'],
  ['unreadable', ManifestUnreadable, 'ManifestUnreadable'],
] as const)('%s is thrown as a class of its own', (code, type, name) => {
  const error = brokenManifest('a/b', { code, message: 'is odd' })
  expect(error).toBeInstanceOf(type)
  expect(error).toBeInstanceOf(BrokenManifest)
  expect(error).toMatchObject({ name, code, place: 'a/b', message: 'a/b: is odd' })
})

it('a place in a message is inert', () => {
  const error = brokenManifest('a\u001b[2J', { code: 'bad-json', message: 'is odd' })
  expect(error.message).toBe('a\\u{1b}[2J: is odd')
})

it('no tree says what to name instead', () => {
  expect(new NoTree('is not there')).toMatchObject({
    message: 'The folder to audit is not there.',
    hint: 'Name a node_modules folder, or a folder that holds one: --path DIR.',
  })
})
