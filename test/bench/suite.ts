import { mkdirSync, rmSync } from 'node:fs'
import type { Benchmark } from './benchmarks/benchmark.js'
import { type Report } from './contender.js'
import { type BenchDocument, type Result, toDocument, toResult } from './document.js'
import { isMemoryFileSystem, type Machine, readMachine } from './machine.js'
import { type RoundsOptions, runRounds } from './rounds.js'
import { runContender } from './run-contender.js'

const WARM_UP_MS = 500
const MEASURE_MS = 1_500

export interface SuiteOptions {
  readonly chosen: readonly Benchmark[]
  readonly rounds: number
  /** A directory that the suite makes, and removes with all that it wrote. */
  readonly dataRoot: string
  readonly signal: AbortSignal
  readonly onReport: (benchmark: Benchmark, contender: string, round: number, report: Report) => void
}

/** Runs the chosen benchmarks one after the other. What breaks is named in the document; the others go on. */
export async function runSuite(options: SuiteOptions): Promise<BenchDocument> {
  const { chosen, dataRoot } = options
  mkdirSync(dataRoot, { recursive: true })
  try {
    const machine = readMachine(dataRoot)
    const results: Result[] = []
    const failed: BenchDocument['failed'][number][] = []
    for (const benchmark of chosen) {
      const outcome = await runBenchmark(benchmark, machine, options)
      if (outcome.result !== undefined) results.push(outcome.result)
      failed.push(...outcome.failed)
    }
    return toDocument(machine, results, failed)
  } finally {
    rmSync(dataRoot, { recursive: true, force: true })
  }
}

interface Outcome {
  readonly result?: Result | undefined
  readonly failed: BenchDocument['failed']
}

async function runBenchmark(benchmark: Benchmark, machine: Machine, suite: SuiteOptions): Promise<Outcome> {
  const { name } = benchmark
  if (benchmark.isDurable === true && isMemoryFileSystem(machine.fileSystem)) {
    const reason = `${suite.dataRoot} is in memory (${machine.fileSystem}); name a directory on a disk with --data`
    return { failed: [{ name, contender: benchmark.ours, reason }] }
  }
  const rounds: RoundsOptions = {
    rounds: suite.rounds,
    dataRoot: suite.dataRoot,
    warmUpMs: WARM_UP_MS,
    measureMs: MEASURE_MS,
    run: (file, assignment) => runContender(file, assignment, suite.signal),
    onReport: (contender, round, report) => suite.onReport(benchmark, contender, round, report),
  }
  const { ours, others } = await runRounds(benchmark, rounds)
  const broken = [ours, ...others].filter(({ hasFailed }) => hasFailed === true)
  return {
    result: toResult(benchmark, ours, others),
    failed: broken.map(({ name: contender, reason = '' }) => ({ name, contender, reason })),
  }
}
