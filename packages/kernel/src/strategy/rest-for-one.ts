import { strategyOf, type BudgetOptions, type Strategy } from './strategy.js'

/**
 * The child that failed and those started after it are restarted. Use it when later children depend on earlier ones.
 *
 * @throws {HoldfastError} `HF_INVALID` when the budget is wrong
 * @example supervisor({ name: 'chain', strategy: restForOne({ maxRestarts: 3, withinMs: 5_000 }), children: [] })
 */
export function restForOne(budget: BudgetOptions = {}): Strategy {
  return strategyOf('rest-for-one', budget, (order, failed) => [failed, order])
}
