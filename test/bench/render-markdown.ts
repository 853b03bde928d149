import { benchmarks } from './benchmarks.js'
import { type BenchDocument, type Comparison, type Result } from './document.js'
import { formatFigure, formatRatio, formatShare } from './figures.js'
import { describeMachine } from './machine.js'

const METHOD = `Every contender runs in a process of its own, so that neither heaps nor compiled code mix. The
contenders of one benchmark run in turn, ours, theirs, ours, theirs, and each warms up before its figure is taken;
only \`recover\` and the scan of \`incident\` are taken cold, as they happen in a process that has just started.
A figure is the median over all rounds; its spread is the median distance of the rounds from it. A ratio is our
figure divided by theirs, whichever way is better, and a figure is only quoted with its ratio.

The others are measured at their fastest: nact with a stateful actor, comedy with in-memory actors and its logger
silent, XState with transition functions (and each idle figure with the cheaper of root actors and children),
Erlang with plain processes, a constant message, and the better of one scheduler and one a core. All messages carry
a type and one number, what was handled is counted and compared with what was sent, and a wrong count fails the run.`

const NOT_MEASURED = [
  '**Several machines or processes.** All actors of a benchmark live in one process.',
  '**More than one core.** Holdfast takes its turns on one thread; Erlang could spread over all cores, and the ' +
    'benchmarks with one or two actors give it nothing to spread.',
  '**Durable peers.** None of the others makes every message durable by itself (nact can persist events, with a ' +
    'database server), so the durable benchmarks stand beside the bare store and not beside them.',
  '**Large messages and states.** Payloads are one number, states are one number.',
  '**Handlers that work.** A handler here adds two numbers, so the figures are the cost of the runtime alone.',
  '**Latency under load, and its tail.** Throughput is taken in bursts, latency one message at a time; the median ' +
    'says nothing about the slowest in a thousand.',
  '**Hours.** A run lasts seconds: no fragmented heap, no old and large log, no disk that fills.',
  '**Power cuts.** That flushed data survives is a matter of tests, and of disks that tell the truth.',
  '**Recovery from a snapshot.** `recover` replays every turn; with snapshots there are fewer to replay.',
  '**Restarts in a busy log.** The turns that `restart-durable` folds lie together. Those of a hundred other actors ' +
    'between them are read as well, and then it takes some ten times as long.',
  '**Supervised actors of other kinds.** `restart-group` and `stop-tree` have children in memory, which write nothing ' +
    'when they start or end.',
  '**Encryption.** The log is written in the clear.',
  '**Other systems than the one named above.** Ratios travel better than figures, and even they only so far.',
]

/** The document as the page of the docs. */
export function renderMarkdown(document: BenchDocument, date: string): string {
  const described = document.results.map((result) => ({
    result,
    benchmark: benchmarks.find(({ name }) => name === result.name)!,
  }))
  return `${[
    '# Benchmarks',
    `Written by \`npm run bench -- --write\` on ${date}; edit the program, not this page.`,
    `Machine: ${describeMachine(document.machine)}. Rounds: ${roundsOf(document)}.`,
    tableOf(described.map(({ result }) => result)),
    'Where the time goes, and what is left: [speed](explanation/speed.md).',
    '## What each figure is',
    described.map(({ benchmark }) => `- \`${benchmark.name}\`: ${benchmark.measures}`).join('\n'),
    '## How it is measured',
    METHOD,
    '## What is not measured',
    [...NOT_MEASURED, ...absenteesOf(document)].map((line) => `- ${line}`).join('\n'),
  ].join('\n\n')}\n`
}

function tableOf(results: readonly Result[]): string {
  const head = ['benchmark', 'Holdfast', 'spread', 'target', 'beside it in the same run, and our ratio to it']
  const rows = results.map((result) => [
    `\`${result.name}\``,
    `**${formatFigure(result.value)}** ${result.unit}`,
    formatShare(result.spread),
    targetOf(result),
    result.against.map(comparisonOf).join('<br>'),
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((cells) => cells[column]!.length)))
  const lines = [head, widths.map((width) => '-'.repeat(width)), ...rows]
  // Aligned, because the page is checked for its format like every other file.
  return lines.map((cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`).join('\n')
}

function comparisonOf({ name, version, value, unit, ratio, spread }: Comparison): string {
  const who = version === undefined ? name : `${name} ${version}`
  const figure = unit === undefined ? formatFigure(value) : `${formatFigure(value)} ${unit}`
  return `${who}: ${figure} ± ${formatShare(spread)}, **${formatRatio(ratio)}**`
}

function targetOf({ target, meetsTarget, better }: Result): string {
  if (target === null) return 'unknown'
  const bound = better === 'higher' ? 'at least' : 'at most'
  return `${bound} ${formatFigure(target)}, ${meetsTarget === true ? 'met' : 'missed'}`
}

function absenteesOf({ results }: BenchDocument): string[] {
  return results.flatMap(({ name: benchmark, notMeasured }) =>
    notMeasured.map(({ name, reason }) => `**${name} in \`${benchmark}\`.** On this machine ${reason}.`),
  )
}

function roundsOf({ results }: BenchDocument): number {
  return Math.min(...results.map(({ rounds }) => rounds))
}
