import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Benchmark } from './benchmarks/benchmark.js'
import { type Assignment, type Report } from './contender.js'
import { type ContenderRuns } from './document.js'

/** How the rounds are run; a test passes a `run` that starts no process. */
export interface RoundsOptions {
  readonly rounds: number
  readonly dataRoot: string
  readonly warmUpMs: number
  readonly measureMs: number
  readonly run: (file: string, assignment: Assignment) => Promise<Report>
  readonly onReport: (contender: string, round: number, report: Report) => void
}

interface Gathering extends ContenderRuns {
  values: number[]
  version?: string | undefined
  reason?: string | undefined
  hasFailed?: boolean | undefined
}

/**
 * Runs the contenders of one benchmark in turn, ours, peer, peer, ours, peer, peer, so that what slows the
 * machine for a while slows all of them. One that is absent or broke is not asked again.
 */
export async function runRounds(
  benchmark: Benchmark,
  options: RoundsOptions,
): Promise<{ ours: ContenderRuns; others: ContenderRuns[] }> {
  const ours: Gathering = { name: benchmark.ours, values: [] }
  const others = benchmark.against.map((name): Gathering => ({ name, values: [] }))
  try {
    for (let round = 1; round <= options.rounds; round++) {
      for (const runs of [ours, ...others]) {
        if (runs.reason !== undefined) continue
        const report = await runOnce(benchmark, runs.name, options)
        gather(runs, report)
        options.onReport(runs.name, round, report)
      }
    }
  } finally {
    rmSync(join(options.dataRoot, benchmark.name), { recursive: true, force: true })
  }
  return { ours, others }
}

async function runOnce(benchmark: Benchmark, contender: string, options: RoundsOptions): Promise<Report> {
  const home = join(options.dataRoot, benchmark.name, contender)
  const dataDirectory = join(home, 'run')
  const keptDirectory = join(home, 'kept')
  mkdirSync(dataDirectory, { recursive: true })
  mkdirSync(keptDirectory, { recursive: true })
  const { warmUpMs, measureMs } = options
  try {
    const assignment = { dataDirectory, keptDirectory, warmUpMs, measureMs }
    return await options.run(`${benchmark.name}-${contender}`, assignment)
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}

/** A contender counts with all its rounds or not at all: a median of the rounds that worked flatters. */
function gather(runs: Gathering, report: Report): void {
  if ('value' in report) {
    runs.values.push(report.value)
    runs.version = report.version
    return
  }
  runs.values = []
  runs.hasFailed = 'failed' in report
  runs.reason = 'failed' in report ? report.failed : report.absent
}
