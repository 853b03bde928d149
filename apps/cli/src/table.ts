/** One column of a table. */
export interface Column {
  readonly title: string
  /** Numbers stand at the right. @default false */
  readonly isNumber?: boolean
}

/**
 * Lays rows out in columns, the titles first. The last column is not padded.
 *
 * `paint` colours a cell after it was padded, so that invisible characters do not count as width.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: (cell: string, column: number, row: number) => string = (cell) => cell,
): string[] {
  const all = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, i) =>
    all.reduce((widest, row) => Math.max(widest, (row[i] ?? '').length), 0),
  )
  return all.map((row, rowIndex) => {
    const cells = columns.map((column, i) => {
      const cell = row[i] ?? ''
      const isLast = i === columns.length - 1
      const padded =
        column.isNumber === true ? cell.padStart(widths[i]!) : isLast ? cell : cell.padEnd(widths[i]!)
      return paint(padded, i, rowIndex - 1)
    })
    return cells.join('  ').trimEnd()
  })
}
