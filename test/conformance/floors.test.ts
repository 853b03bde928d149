import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { floors, violations } from './floors.js'
import { isSource, repositoryFiles, root } from './repository.js'

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
}

describe('the floors of the repository', () => {
  it('have a row for every package and app, under its own name', () => {
    const folders = ['packages', 'apps'].flatMap((top) =>
      readdirSync(join(root, top))
        .map((name) => `${top}/${name}`)
        .filter((folder) => existsSync(join(root, folder, 'package.json'))),
    )
    expect([...folders, 'test'].sort()).toEqual(floors.map(({ folder }) => folder).sort())
    for (const { name, folder } of floors) expect(manifest(folder).name).toBe(name)
  })

  // Every source is parsed, which takes seconds on a busy machine.
  it('are kept by every import and every name in the sources', { timeout: 60_000 }, () => {
    const sources = repositoryFiles().filter(({ path }) => isSource(path))
    expect(sources.length).toBeGreaterThanOrEqual(floors.length)
    expect(sources.flatMap(violations)).toEqual([])
  })

  it.each(floors)('are kept by the dependencies of $name', ({ folder, floor }) => {
    const { dependencies = {}, peerDependencies = {} } = manifest(folder)
    const ours = Object.keys({ ...dependencies, ...peerDependencies }).filter((name) =>
      floors.some((row) => row.name === name),
    )
    const notBelow = ours.filter((name) => floors.some((row) => row.name === name && row.floor >= floor))
    expect(notBelow).toEqual([])
  })
})

describe('the check finds', () => {
  const kernel = 'packages/kernel/src/cell.ts'

  it.each([
    ['an import that goes up', kernel, `import { open } from '@holdfast/journal'`],
    ['a type import that goes up', kernel, `import type { Log } from '@holdfast/journal'`],
    ['a re-export that goes up', kernel, `export * from 'holdfast'`],
    ['a dynamic import of a subpath that goes up', kernel, `await import('holdfast/replay')`],
    ['an import type that goes up', kernel, `type T = import('@holdfast/replay').Report`],
    ['an import that goes sideways', 'apps/cli/src/bin.ts', `import { auditor } from '@holdfast/audit'`],
    ['an import between the packages of floor 1', kernel, `import { refuse } from '@holdfast/resilience'`],
    ['an import of its own name', 'packages/replay/src/a.ts', `import { b } from '@holdfast/replay'`],
    ['an import that goes up in a unit test', 'packages/kernel/src/a.test.ts', `import 'holdfast'`],
    ['a package of ours without a floor', kernel, `import '@holdfast/elsewhere'`],
    [
      'a relative import into another package',
      'packages/replay/src/a.ts',
      `import '../../journal/src/index.js'`,
    ],
    [
      'a relative import from the tests',
      'test/crash/a.test.ts',
      `import '../../packages/kernel/src/cell.js'`,
    ],
    ['an absolute import', kernel, `import '/tmp/a.js'`],
    ['a file on no floor', 'packages/elsewhere/src/a.ts', ``],
  ])('%s', (_what, path, text) => {
    expect(violations({ path, text })).toHaveLength(1)
  })

  it.each([
    `const t = Date.now()`,
    `const d = new Date()`,
    `function at(d: Date) {}`,
    `const r = Math.random()`,
    `const r = Math['random']()`,
    `const { random } = Math`,
    `setTimeout(() => {}, 1)`,
    `const t = setInterval`,
    `setImmediate(f)`,
    `queueMicrotask(f)`,
    `globalThis.setTimeout(f, 1)`,
    `globalThis['queueMicrotask'](f)`,
    `const o = { setTimeout }`,
    `const id = process.pid`,
    `const n = performance.now()`,
    `const id = crypto.randomUUID()`,
    `await fetch(url)`,
    `import { readFileSync } from 'node:fs'`,
    `import { readFileSync } from 'fs'`,
    `import { readFile } from 'fs/promises'`,
    `import type { Worker } from 'node:worker_threads'`,
    `import { Worker } from 'worker_threads'`,
    `import { open } from 'lmdb'`,
  ])('`%s` above the authorities line, and lets it pass below', (text) => {
    for (const path of [
      kernel,
      'packages/journal/src/codec.ts',
      'packages/resilience/src/a.ts',
      'packages/replay/src/a.ts',
      'packages/holdfast/src/a.ts',
    ]) {
      expect(violations({ path, text }), path).toHaveLength(1)
    }
    for (const path of [
      'packages/kernel/src/authorities/real.ts',
      'packages/journal/src/disk/store.ts',
      'packages/replay/src/disk/file.ts',
      'packages/kernel/src/cell.test.ts',
      'apps/cli/src/bin.ts',
      'test/bench/main.ts',
    ]) {
      expect(violations({ path, text }), path).toEqual([])
    }
  })
})

describe('the check lets pass', () => {
  it.each([
    ['an import that goes down', 'packages/replay/src/a.ts', `import { actor } from '@holdfast/kernel'`],
    ['a subpath of a package below', 'test/a.test.ts', `import { virtual } from '@holdfast/kernel/virtual'`],
    ['a relative import inside the package', 'packages/kernel/src/a/b.ts', `import { c } from '../c.js'`],
    ['a package of somebody else', 'packages/kernel/src/a.ts', `import { setup } from 'xstate'`],
    [
      'a member with an outside name',
      'packages/kernel/src/a.ts',
      `authorities.setTimeout(f, 1); cell.process(m)`,
    ],
    [
      'a port that declares one',
      'packages/kernel/src/a.ts',
      `interface Clock { setTimeout(f: () => void): void }`,
    ],
    [
      'an object that implements one',
      'packages/kernel/src/a.ts',
      `const c = { setTimeout(f: () => void) { f() } }`,
    ],
    ['words in comments and strings', 'packages/kernel/src/a.ts', `// Date.now()\nconst s = 'setTimeout'`],
    ['pure arithmetic', 'packages/kernel/src/a.ts', `const m = Math.max(1, 2)`],
  ])('%s', (_what, path, text) => {
    expect(violations({ path, text })).toEqual([])
  })
})
