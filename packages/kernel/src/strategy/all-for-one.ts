import { strategyOf, type BudgetOptions, type Strategy } from './strategy.js'

/**
 * All children are restarted when one fails. Use it when they share one truth and none makes sense without the others.
 *
 * @throws {HoldfastError} `HF_INVALID` when the budget is wrong
 * @example supervisor({ name: 'pair', strategy: allForOne(), children: [] })
 */
export function allForOne(budget: BudgetOptions = {}): Strategy {
  return strategyOf('all-for-one', budget, (order) => [0, order])
}
