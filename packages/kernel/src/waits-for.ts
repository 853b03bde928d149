// Who waits for whom: actors that may take no further message until another one has room, and turns that wait for the
// answer of another actor. A circle of these would wait for ever.

import type { Cell } from './cell.js'
import { WAITING } from './gate.js'

/** The shortest way on which `from` waits for `to`, both included; `null` when it does not. */
export function wayTo(from: Cell, to: Cell): readonly Cell[] | null {
  const before = new Map<Cell, Cell | null>([[from, null]])
  for (const cell of before.keys()) {
    if (cell === to) return wayBack(before, cell)
    for (const next of waitsFor(cell)) if (!before.has(next)) before.set(next, cell)
  }
  return null
}

/** Everybody for whom `from` waits, and those for whom they wait; itself included. */
export function waitedFor(from: Cell): ReadonlySet<Cell> {
  const all = new Set([from])
  for (const cell of all) for (const next of waitsFor(cell)) all.add(next)
  return all
}

function waitsFor(cell: Cell): readonly Cell[] {
  const asked = (cell.gate & WAITING) === 0 ? [] : (cell.turn?.asked ?? [])
  const pressure = cell.rare?.pressure ?? null
  return pressure === null ? asked : [...pressure.blockedOn, ...asked]
}

function wayBack(before: ReadonlyMap<Cell, Cell | null>, end: Cell): readonly Cell[] {
  const way: Cell[] = []
  for (let cell: Cell | null = end; cell !== null; cell = before.get(cell) ?? null) way.push(cell)
  return way.reverse()
}
