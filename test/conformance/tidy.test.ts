import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { floors } from './floors.js'
import { brokenLinks } from './links.js'
import { isSource, isTest, repositoryFiles, root } from './repository.js'
import { bareErrors, defaultExports, foreignPaths, lineLimit, tooLong, vagueName } from './tidy.js'

const files = repositoryFiles()
const sources = files.filter(({ path }) => isSource(path))
const shipped = sources.filter(({ path }) => !isTest(path))
const inPackages = shipped.filter(({ path }) => path.startsWith('packages/'))
const pages = files.filter(({ path }) => path.endsWith('.md'))

describe('the repository is tidy', () => {
  it(`no source has more than ${lineLimit} lines`, () => {
    expect(shipped.flatMap(tooLong)).toEqual([])
  })

  it('packages export by name only', () => {
    expect(inPackages.flatMap(defaultExports)).toEqual([])
  })

  it('packages throw HoldfastErrors, never a builtin error', () => {
    expect(inPackages.flatMap(bareErrors)).toEqual([])
  })

  it('files are named by what they hold', () => {
    expect(files.map(({ path }) => path).filter(vagueName)).toEqual([])
  })

  it('every package and app has a README', () => {
    const without = floors.filter(({ folder }) => !existsSync(join(root, folder, 'README.md')))
    expect(without).toEqual([])
  })

  it('every relative link in a page leads somewhere', () => {
    expect(pages.flatMap((page) => brokenLinks(page, pages))).toEqual([])
  })

  it('no file mentions a folder outside the repository', () => {
    expect(files.flatMap(foreignPaths)).toEqual([])
  })
})

describe('the check finds', () => {
  const path = 'packages/kernel/src/a.ts'

  it('a file that is one line too long, and none at the limit', () => {
    expect(tooLong({ path, text: 'a\n'.repeat(lineLimit + 1) })).toHaveLength(1)
    expect(tooLong({ path, text: 'a\n'.repeat(lineLimit) })).toEqual([])
  })

  it.each(['export default 1', 'export default class {}', 'export { a as default }'])('`%s`', (text) => {
    expect(defaultExports({ path, text })).toHaveLength(1)
  })

  it.each([`throw new Error('x')`, `throw new TypeError('x')`, `reject(Error('x'))`])('`%s`', (text) => {
    expect(bareErrors({ path, text })).toHaveLength(1)
  })

  it('no fault in a HoldfastError or in a test for an error', () => {
    expect(bareErrors({ path, text: `if (e instanceof Error) throw new MailboxFullError(e)` })).toEqual([])
  })

  it('no fault in the one function that revives a recorded error', () => {
    expect(bareErrors({ path, text: `function revivedError() { return new Error('x') }` })).toEqual([])
    expect(bareErrors({ path, text: `function other() { return new Error('x') }` })).toHaveLength(1)
  })

  it.each([
    ['packages/kernel/src/utils.ts', true],
    ['packages/kernel/src/string-utils.ts', true],
    ['packages/kernel/src/helpers/path.ts', true],
    ['packages/kernel/src/futile.ts', false],
  ])('whether %s is a vague name: %s', (name, vague) => {
    expect(vagueName(name)).toBe(vague)
  })

  it('a mention of a foreign folder, and not a name that begins like one', () => {
    expect(foreignPaths({ path, text: `see ${['..', 'shared'].join('/')}/a.md` })).toEqual([`${path}:1`])
    expect(foreignPaths({ path, text: `import '${['..', 'shared'].join('/')}-state.js'` })).toEqual([])
  })
})

describe('the link check', () => {
  const readme = { path: 'README.md', text: '# Holdfast\n\n## What it is\n\n## What it is\n' }

  it.each([
    ['[a](docs/nowhere-at-all.md)', 1],
    ['[a](../outside.md)', 1],
    ['[a](#no-such-heading)', 1],
    ['[a]: docs/nowhere-at-all.md', 1],
    ['[a](package.json) and [b](#what-it-is) and [c](#what-it-is-1)', 0],
    ['[a](https://example.org/x)', 0],
    ['`[a](nowhere.md)`', 0],
    ['```md\n[a](nowhere.md)\n```', 0],
  ])('of %j counts %i', (text, count) => {
    const page = { ...readme, text: `${readme.text}\n${text}\n` }
    expect(brokenLinks(page, [page])).toHaveLength(count)
  })
})
