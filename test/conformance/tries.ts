// How many values a property is tried with that takes its time for each.

/** The usual number; more of them by `HOLDFAST_PROGRAMS=20000`. */
export function triesOf(usual: number): number {
  return Number(process.env['HOLDFAST_PROGRAMS'] ?? usual)
}
