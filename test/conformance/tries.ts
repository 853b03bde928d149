// How many values a property is tried with that takes its time for each.

/** The usual number; more of them by `HOLDFAST_PROGRAMS=20000`. A path leads to one. */
export function triesOf(usual: number): number {
  if (process.env['HOLDFAST_PATH'] !== undefined) return 1
  return Number(process.env['HOLDFAST_PROGRAMS'] ?? usual)
}
