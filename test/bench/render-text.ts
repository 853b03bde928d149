import { type BenchDocument, type Result } from './document.js'
import { formatFigure, formatRatio, formatShare } from './figures.js'
import { describeMachine } from './machine.js'

/** The document as a table for a terminal. */
export function renderText(document: BenchDocument): string {
  const rows = document.results.flatMap(rowsOf)
  const header = ['benchmark', 'who', 'value', 'unit', 'spread', 'ratio', 'target']
  const failures = document.failed.map(
    ({ name, contender, reason }) => `${name}: ${contender} failed: ${reason}`,
  )
  const blocks = [describeMachine(document.machine), table([header, ...rows]), failures.join('\n')]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

function rowsOf(result: Result): string[][] {
  const target = result.target === null ? '' : `${formatFigure(result.target)} ${verdictOf(result)}`
  return [
    [
      result.name,
      'holdfast',
      formatFigure(result.value),
      result.unit,
      formatShare(result.spread),
      '',
      target,
    ],
    ...result.against.map(({ name, value, unit = result.unit, spread, ratio }) => [
      '',
      name,
      formatFigure(value),
      unit,
      formatShare(spread),
      formatRatio(ratio),
      '',
    ]),
    ...result.notMeasured.map(({ name, reason }) => ['', name, `not measured: ${reason}`]),
  ]
}

function verdictOf({ meetsTarget }: Result): string {
  return meetsTarget === true ? '(met)' : '(missed)'
}

/** Every column as wide as its widest cell; a row that ends early, such as a reason, widens none. */
function table(rows: readonly string[][]): string {
  const columns = Math.max(...rows.map((row) => row.length))
  const whole = rows.filter((row) => row.length === columns)
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...whole.map((row) => row[column]!.length)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
