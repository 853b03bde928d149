import type { Benchmark } from './benchmarks/benchmark.js'
import { type Machine } from './machine.js'
import { median, relativeSpread } from './statistics.js'

/** An excess that is nearly nothing is no measure for itself: its spread is a share of the whole, in per cent. */
const WHOLE = 100

/** What one contender brought home from all rounds of one benchmark. */
export interface ContenderRuns {
  readonly name: string
  /** One value a round, in the order of the rounds. */
  readonly values: readonly number[]
  readonly version?: string | undefined
  /** Why there are no values: the contender is not installed here, or it broke. */
  readonly reason?: string | undefined
  readonly hasFailed?: boolean | undefined
}

/** A contender's median beside ours. The ratio is what ours measured divided by theirs, whichever way is better. */
export interface Comparison {
  readonly name: string
  readonly version?: string | undefined
  readonly value: number
  /** When it is another one than that of the result. */
  readonly unit?: string
  readonly ratio: number
  readonly spread: number
}

interface Unmeasured {
  readonly name: string
  readonly reason: string
}

/** One measured benchmark. */
export interface Result {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly better: 'higher' | 'lower'
  readonly target: number | null
  readonly meetsTarget: boolean | null
  readonly spread: number
  readonly rounds: number
  readonly against: readonly Comparison[]
  readonly notMeasured: readonly Unmeasured[]
}

/** What `--json` prints. */
export interface BenchDocument {
  readonly schema: 'holdfast.bench/1'
  readonly machine: Machine
  readonly results: readonly Result[]
  /** Contenders that broke; the program ends with code 1 when there is one. */
  readonly failed: readonly (Unmeasured & { readonly contender: string })[]
}

/** Makes medians and ratios from the runs of one benchmark; nothing when ours has no value. */
export function toResult(
  benchmark: Benchmark,
  ours: ContenderRuns,
  others: readonly ContenderRuns[],
): Result | undefined {
  const values = ownValues(benchmark, ours, others)
  if (values.length === 0) return undefined
  const value = median(values)
  const measured = others.filter((runs) => runs.values.length > 0)
  const against = measured.map((runs) => toComparison(median(ours.values), runs, benchmark.excess?.unit))
  const target = targetOf(benchmark, against)
  return {
    name: benchmark.name,
    value,
    unit: benchmark.unit,
    better: benchmark.better,
    target,
    meetsTarget: target === null ? null : benchmark.better === 'higher' ? value >= target : value <= target,
    spread: relativeSpread(values, benchmark.excess === undefined ? value : WHOLE),
    rounds: values.length,
    against,
    notMeasured: others
      .filter((runs) => runs.values.length === 0)
      .map(({ name, reason }) => ({ name, reason: reason ?? 'it gave no value' })),
  }
}

export function toDocument(
  machine: Machine,
  results: readonly Result[],
  failed: BenchDocument['failed'],
): BenchDocument {
  return { schema: 'holdfast.bench/1', machine, results, failed }
}

/** An excess is taken round by round, so that what slowed a whole round down falls out of it. */
function ownValues(
  { excess }: Benchmark,
  ours: ContenderRuns,
  others: readonly ContenderRuns[],
): readonly number[] {
  if (excess === undefined) return ours.values
  const base = others.find((runs) => runs.name === excess.over)?.values ?? []
  return ours.values.slice(0, base.length).map((value, round) => (value / base[round]! - 1) * WHOLE)
}

function toComparison(value: number, runs: ContenderRuns, unit: string | undefined): Comparison {
  const theirs = median(runs.values)
  return {
    name: runs.name,
    ...(runs.version === undefined ? {} : { version: runs.version }),
    value: theirs,
    ...(unit === undefined ? {} : { unit }),
    ratio: value / theirs,
    spread: relativeSpread(runs.values),
  }
}

function targetOf({ target }: Benchmark, against: readonly Comparison[]): number | null {
  if ('value' in target) return target.value
  const base = against.find((comparison) => comparison.name === target.of)
  return base === undefined ? null : base.value * target.times
}
