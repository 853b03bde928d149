import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Benchmark } from './benchmarks/benchmark.js'
import { benchmarks } from './benchmarks.js'
import { toDocument, toResult } from './document.js'

const benchmark: Benchmark = {
  name: 'tell',
  measures: 'Messages.',
  unit: 'messages/s',
  better: 'higher',
  target: { value: 90 },
  ours: 'holdfast',
  against: ['nact'],
}
const ours = { name: 'holdfast', values: [110, 100, 90] }
const nact = { name: 'nact', version: '7.6.2', values: [40, 60, 50] }

describe('toResult', () => {
  it('is the median of ours, with the ratio to the median of each other', () => {
    expect(toResult(benchmark, ours, [nact])).toEqual({
      name: 'tell',
      value: 100,
      unit: 'messages/s',
      better: 'higher',
      target: 90,
      meetsTarget: true,
      spread: 0.1,
      rounds: 3,
      against: [{ name: 'nact', version: '7.6.2', value: 50, ratio: 2, spread: 0.2 }],
      notMeasured: [],
    })
  })

  it('divides ours by theirs also when lower is better', () => {
    const result = toResult({ ...benchmark, better: 'lower' }, ours, [nact])
    expect(result).toMatchObject({ meetsTarget: false })
    expect(result?.against[0]?.ratio).toBe(2)
  })

  it('names those that were not measured, with the reason, and not among those beside it', () => {
    const result = toResult(benchmark, ours, [{ name: 'erlang', values: [], reason: 'erl is not installed' }])
    expect(result?.against).toEqual([])
    expect(result?.notMeasured).toEqual([{ name: 'erlang', reason: 'erl is not installed' }])
  })

  it('without a value of ours does not exist', () => {
    expect(toResult(benchmark, { name: 'holdfast', values: [], reason: 'broke' }, [nact])).toBeUndefined()
  })

  it('takes a target that is so many times what another measured in the same run', () => {
    const target = { times: 3, of: 'nact' }
    expect(toResult({ ...benchmark, target }, ours, [nact])).toMatchObject({
      target: 150,
      meetsTarget: false,
    })
    expect(toResult({ ...benchmark, target }, ours, [])).toMatchObject({ target: null, meetsTarget: null })
  })

  it('of an excess is the median of the per cents round by round, beside what both have measured', () => {
    const slowing = { name: 'holdfast', values: [11, 22, 103] }
    const base = { name: 'bare', values: [10, 20, 100] }
    const excess = { over: 'bare', unit: 'ns/message' }
    const result = toResult({ ...benchmark, unit: '%', excess }, slowing, [base])!
    expect(result).toMatchObject({ unit: '%', rounds: 3 })
    expect(result.value).toBeCloseTo(10)
    expect(result.against).toMatchObject([{ name: 'bare', value: 20, unit: 'ns/message', ratio: 1.1 }])
  })

  it('of an excess spreads as a share of the whole, because it may be nearly nothing', () => {
    const base = { name: 'bare', values: [100, 100, 100] }
    const ours = { name: 'holdfast', values: [99, 100, 102] }
    const excess = { over: 'bare', unit: 'ns/message' }
    expect(toResult({ ...benchmark, excess }, ours, [base])!.spread).toBeCloseTo(0.01)
  })

  it('of an excess over what was not measured does not exist', () => {
    const base = { name: 'bare', values: [], reason: 'broke' }
    const excess = { over: 'bare', unit: 'ns/message' }
    expect(toResult({ ...benchmark, excess }, ours, [base])).toBeUndefined()
  })
})

describe('toDocument', () => {
  it('carries the schema, and survives the way through JSON', () => {
    const machine = { cpu: 'x', cores: 2, memoryBytes: 1, node: 'v20', kernel: 'Linux', fileSystem: 'ext4' }
    const document = toDocument(machine, [toResult(benchmark, ours, [nact])!], [])
    expect(document.schema).toBe('holdfast.bench/1')
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })
})

describe('the table of benchmarks', () => {
  it('names every benchmark once', () => {
    const names = benchmarks.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('measures whatever a target or an excess refers to', () => {
    for (const { name, target, excess, against } of benchmarks) {
      const referred = [
        ...('of' in target ? [target.of] : []),
        ...(excess === undefined ? [] : [excess.over]),
      ]
      for (const contender of referred) expect(against, name).toContain(contender)
    }
  })

  it('has a file for every contender, and no others', () => {
    const named = benchmarks.flatMap(({ name, ours, against }) =>
      [ours, ...against].map((contender) => `${name}-${contender}.ts`),
    )
    const files = readdirSync(new URL('./contenders/', import.meta.url))
    expect(files.toSorted()).toEqual(named.toSorted())
  })

  it('puts something beside every figure', () => {
    for (const { name, against } of benchmarks) expect(against, name).not.toHaveLength(0)
  })
})
