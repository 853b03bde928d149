import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BenchArguments, parseBenchArguments, UsageError } from './arguments.js'
import type { Benchmark } from './benchmarks/benchmark.js'
import { benchmarks } from './benchmarks.js'
import { defaultDataRoot, type Report } from './contender.js'
import { type BenchDocument } from './document.js'
import { formatFigure } from './figures.js'
import { renderMarkdown } from './render-markdown.js'
import { renderText } from './render-text.js'
import { runSuite } from './suite.js'

const PAGE = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))
const NAMES = benchmarks.map(({ name }) => name)

const USAGE = `npm run bench -- [options]

  --only NAME    run this benchmark alone; may be given several times
  --rounds N     runs of each contender, their median counts (5)
  --json         print one JSON document and nothing else
  --write        write docs/benchmarks.md from this run (needs all benchmarks and at least 5 rounds)
  --date DAY     the day to write, YYYY-MM-DD (today)
  --data DIR     where the durable benchmarks write (.holdfast/ in the repository)

benchmarks: ${NAMES.join(', ')}
`

/** Runs what the arguments ask for, and answers the exit code: 0 all is measured, 1 something broke, 2 usage. */
async function main(argv: readonly string[]): Promise<number> {
  const asked = readArguments(argv)
  if (asked === undefined) return 2
  if (asked.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const stopped = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort())
  const document = await runSuite({
    chosen: benchmarks.filter(({ name }) => asked.names.includes(name)),
    rounds: asked.rounds,
    dataRoot: asked.data === undefined ? defaultDataRoot : join(resolve(asked.data), `bench-${process.pid}`),
    signal: stopped.signal,
    onReport: showProgress,
  })
  process.stdout.write(asked.json ? `${JSON.stringify(document)}\n` : renderText(document))
  if (document.failed.length > 0) return 1
  if (asked.write) writePage(document, asked.date ?? new Date().toISOString().slice(0, 10))
  return 0
}

function readArguments(argv: readonly string[]): BenchArguments | undefined {
  try {
    return parseBenchArguments(argv, NAMES)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n`)
    return undefined
  }
}

/** Progress goes to stderr, because stdout belongs to the document. */
function showProgress(benchmark: Benchmark, contender: string, round: number, report: Report): void {
  const { name, unit, excess } = benchmark
  const measured = excess?.unit ?? unit
  const said = 'value' in report ? `${formatFigure(report.value)} ${measured}` : JSON.stringify(report)
  process.stderr.write(`${name} ${contender} round ${round}: ${said}\n`)
}

function writePage(document: BenchDocument, date: string): void {
  mkdirSync(dirname(PAGE), { recursive: true })
  writeFileSync(PAGE, renderMarkdown(document, date))
  process.stderr.write(`wrote ${PAGE}\n`)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  // Stopped by hand: the directories are gone, and there is nothing to print.
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
  process.exitCode = 130
}
