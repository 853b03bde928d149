import { type ChildSpec, oneForOne, supervisor } from 'holdfast'

/**
 * The root of every benchmarked system: its children live at `/bench/<id>`. The window of its budget is short, so
 * that thousands of restarts in a row neither exhaust it nor make it search a long list of earlier ones.
 */
export function benchRoot(children: readonly ChildSpec[]) {
  return supervisor({ name: 'bench', strategy: oneForOne({ maxRestarts: 1_000_000, withinMs: 1 }), children })
}
