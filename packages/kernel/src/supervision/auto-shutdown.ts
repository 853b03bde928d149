import type { Cell } from '../cell.js'
import { STOPPED } from '../gate.js'
import { endedByItself } from '../records.js'
import type { AutoShutdown } from './supervisor-definition.js'

/** Whether the children that count have ended by themselves and for good, so that there is nothing left to do. */
export function isWorkDone(
  autoShutdown: Exclude<AutoShutdown, 'never'>,
  children: readonly Cell[],
  comesBack: (child: Cell) => boolean,
): boolean {
  const significant = children.filter((child) => child.terms.significant)
  const isOver = (child: Cell): boolean => (child.gate & STOPPED) !== 0 && !comesBack(child)
  const hasEnded = (child: Cell): boolean => isOver(child) && endedByItself(child.rare?.stopReason ?? null)
  return significant.some(hasEnded) && (autoShutdown === 'any' || significant.every(isOver))
}
