import { strategyOf, type BudgetOptions, type Strategy } from './strategy.js'

/**
 * Only the child that failed is restarted. Use it when children do not depend on each other.
 *
 * @throws {HoldfastError} `HF_INVALID` when the budget is wrong
 * @example supervisor({ name: 'pool', strategy: oneForOne({ maxRestarts: 10, withinMs: 60_000 }), children: [] })
 */
export function oneForOne(budget: BudgetOptions = {}): Strategy {
  return strategyOf('one-for-one', budget, (_order, failed) => [failed, failed + 1])
}
