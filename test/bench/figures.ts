/** A figure for humans: three digits that count, and a unit that keeps it short. */
export function formatFigure(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e6) return `${trim(value / 1e6)} M`
  if (size >= 1e3) return Math.round(value).toLocaleString('en-US')
  return trim(value)
}

/** How many times something is: `3.4 x`. */
export function formatRatio(ratio: number): string {
  return `${formatFigure(ratio)} x`
}

/** A share of one as per cent. */
export function formatShare(share: number): string {
  return `${trim(share * 100)} %`
}

function trim(value: number): string {
  return String(Number(value.toPrecision(3)))
}
