import { expect, it } from 'vitest'
import { finding, findingKinds, severities } from './findings.js'

it('a finding has the severity and the sentence of its kind', () => {
  expect(finding('broken-link', 'a/b', {})).toEqual({
    kind: 'broken-link',
    severity: 'problem',
    place: 'a/b',
    text: 'is a link to nowhere',
    details: {},
  })
})

it('the severity may depend on the facts', () => {
  const copyleft = (strength: 'weak' | 'strong'): string =>
    finding('copyleft', 'a', { licence: 'X', strength }).severity
  expect([copyleft('weak'), copyleft('strong')]).toEqual(['warning', 'problem'])
  const header = (category: 'permissive' | 'unknown'): string =>
    finding('other-header', 'a', { licence: 'X', category, path: 'p', count: 1 }).severity
  expect([header('permissive'), header('unknown')]).toEqual(['info', 'warning'])
  const skipped = (failure: 'link' | 'no-access'): string =>
    finding('skipped-file', 'a', { path: 'p', failure }).severity
  expect([skipped('link'), skipped('no-access')]).toEqual(['info', 'warning'])
})

it('one is one and two are two', () => {
  const binaries = (count: number): string =>
    finding('native-binary', 'a', { count, first: [{ path: 'x', format: 'ELF' }] }).text
  expect(binaries(1)).toBe('holds 1 native binary: x (ELF)')
  expect(binaries(2)).toBe('holds 2 native binaries: x (ELF), ...')
})

// Case 74: names with escape codes are shown inert.
it('foreign text in a sentence is inert (case 74)', () => {
  const scripts = [{ name: 'install', command: 'echo \u001b[2J' }]
  expect(finding('install-script', 'a', { scripts }).text).toBe(
    'runs code when installed: install: echo \\u{1b}[2J',
  )
  expect(finding('name-mismatch', 'a', { name: 'x\u202ey', folder: 'a' }).text).toContain('x\\u{202e}y')
})

it('the union is closed and its severities are three', () => {
  expect(findingKinds).toContain('no-licence')
  expect(new Set(findingKinds).size).toBe(findingKinds.length)
  expect(severities).toEqual(['problem', 'warning', 'info'])
})
