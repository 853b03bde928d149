/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('The median of no values does not exist.')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/**
 * How far the values usually lie from their median, as a share of it (0.02 is two per cent).
 * The median absolute deviation is taken and not the standard deviation, because one run that the machine
 * disturbed should not decide how trustworthy the others look. What is nearly nothing is no measure for itself:
 * `of` says what the distance is a share of.
 */
export function relativeSpread(values: readonly number[], of = median(values)): number {
  const middle = median(values)
  const deviation = median(values.map((value) => Math.abs(value - middle)))
  return deviation === 0 ? 0 : deviation / Math.abs(of)
}
