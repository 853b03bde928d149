import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { LOG_FILE } from '@holdfast/journal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dataForRun, dataToRead, shownPath } from './data-directory.js'
import { UsageError } from './usage-error.js'

let cwd: string

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'holdfast-data-'))
})

afterEach(() => {
  rmSync(cwd, { recursive: true, force: true })
})

const place = (env: Record<string, string> = {}) => ({ cwd, env })

function store(name: string): void {
  mkdirSync(join(cwd, '.holdfast', name), { recursive: true })
  writeFileSync(join(cwd, '.holdfast', name, LOG_FILE), '')
}

describe('to run', () => {
  it.each([
    ['the flag', 'flag', { HOLDFAST_DATA: 'env' }, 'own', 'flag'],
    ['the environment', undefined, { HOLDFAST_DATA: 'env' }, 'own', 'env'],
    ['the swarm', undefined, { HOLDFAST_DATA: '' }, 'own', 'own'],
    ['the default', undefined, {}, undefined, '.holdfast/bank'],
  ])('%s decides when what goes before it is silent', (_name, given, env, own, expected) => {
    expect(dataForRun(given, { name: 'bank', data: own }, [], place(env))).toBe(resolve(cwd, expected))
  })

  it('a swarm may choose by its arguments', () => {
    const data = (args: readonly string[]): string => `run-${args.length}`
    expect(dataForRun(undefined, { name: 'bank', data }, ['a'], place())).toBe(join(cwd, 'run-1'))
  })

  it.each([
    ['@scope|name', '@scope%7cname'],
    ['..', '%2e%2e'],
    ['a/../b', 'a%2f..%2fb'],
  ])('a swarm named %s cannot leave its place', (name, folder) => {
    expect(dataForRun(undefined, { name, data: undefined }, [], place())).toBe(join(cwd, '.holdfast', folder))
  })
})

describe('to read', () => {
  it('the only store is taken, and folders without one do not count', () => {
    store('bank')
    mkdirSync(join(cwd, '.holdfast', 'empty'))
    expect(dataToRead(undefined, place())).toBe(join(cwd, '.holdfast', 'bank'))
  })

  it('of several stores the user has to choose, and is told which there are', () => {
    store('bank')
    store('audit')
    expect(() => dataToRead(undefined, place())).toThrow(/holds 2 stores: audit, bank/)
    expect(dataToRead(undefined, place({ HOLDFAST_DATA: 'x' }))).toBe(join(cwd, 'x'))
    expect(dataToRead('y', place({ HOLDFAST_DATA: 'x' }))).toBe(join(cwd, 'y'))
  })

  it('without any store, or with an empty flag, it is a usage error', () => {
    expect(() => dataToRead(undefined, place())).toThrow(UsageError)
    expect(() => dataToRead('', place())).toThrow(UsageError)
  })
})

it('a path is shown relative only when it lies below the working directory', () => {
  expect(shownPath('/a/b/c', '/a')).toBe(join('b', 'c'))
  expect(shownPath('/a', '/a')).toBe('/a')
  expect(shownPath('/b', '/a')).toBe('/b')
})
