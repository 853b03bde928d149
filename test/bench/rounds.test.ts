import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Benchmark } from './benchmarks/benchmark.js'
import { type Assignment, type Report } from './contender.js'
import { runRounds } from './rounds.js'

const benchmark: Benchmark = {
  name: 'tell',
  measures: 'Messages.',
  unit: 'messages/s',
  better: 'higher',
  target: { value: 1 },
  ours: 'holdfast',
  against: ['nact', 'erlang'],
}

let dataRoot: string
beforeEach(() => (dataRoot = mkdtempSync(join(tmpdir(), 'rounds-'))))
afterEach(() => rmSync(dataRoot, { recursive: true, force: true }))

const rounds = (run: (file: string, assignment: Assignment) => Promise<Report>, count = 2) =>
  runRounds(benchmark, { rounds: count, dataRoot, warmUpMs: 1, measureMs: 1, run, onReport: () => undefined })

describe('runRounds', () => {
  it('asks the contenders in turn, once in each round', async () => {
    const asked: string[] = []
    await rounds(async (file) => ({ value: asked.push(file) }))
    const one = ['tell-holdfast', 'tell-nact', 'tell-erlang']
    expect(asked).toEqual([...one, ...one])
  })

  it('keeps the values in the order of the rounds and the version', async () => {
    let value = 0
    const { ours, others } = await rounds(async () => ({ value: ++value, version: '7' }))
    expect(ours).toEqual({ name: 'holdfast', values: [1, 4], version: '7' })
    expect(others[1]).toEqual({ name: 'erlang', values: [3, 6], version: '7' })
  })

  it('asks an absent contender once and says why it is absent', async () => {
    const asked: string[] = []
    const { others } = await rounds(async (file) => {
      asked.push(file)
      return file === 'tell-erlang' ? { absent: 'no erl here' } : { value: 1 }
    })
    expect(asked.filter((file) => file === 'tell-erlang')).toHaveLength(1)
    expect(others[1]).toMatchObject({ values: [], reason: 'no erl here', hasFailed: false })
  })

  it('drops all values of a contender that broke in a later round', async () => {
    let runs = 0
    const { others } = await rounds(async (file) =>
      file === 'tell-nact' && ++runs === 2 ? { failed: 'it lost a message' } : { value: 1 },
    )
    expect(others[0]).toMatchObject({ values: [], reason: 'it lost a message', hasFailed: true })
    expect(others[1]!.values).toEqual([1, 1])
  })

  it('gives every run an empty directory and each contender one that it finds again', async () => {
    const left: boolean[] = []
    await rounds(async (_file, { dataDirectory, keptDirectory }) => {
      left.push(existsSync(join(dataDirectory, 'mark')), existsSync(join(keptDirectory, 'mark')))
      writeFileSync(join(dataDirectory, 'mark'), '')
      writeFileSync(join(keptDirectory, 'mark'), '')
      return { value: 1 }
    })
    const first = [false, false]
    const second = [false, true]
    expect(left).toEqual([...first, ...first, ...first, ...second, ...second, ...second])
    expect(existsSync(join(dataRoot, 'tell'))).toBe(false)
  })

  it('removes its directories also when a run is aborted', async () => {
    const aborted = rounds(async () => Promise.reject(new DOMException('stop', 'AbortError')))
    await expect(aborted).rejects.toThrow('stop')
    expect(existsSync(join(dataRoot, 'tell'))).toBe(false)
  })
})
