import { actor, createSystem, type Definition, type System } from 'holdfast'

// region: counter
let orders = 0

/** Its number comes from a variable of the module: a second run of the same turn finds another one there. */
export const numbering = actor({
  name: 'orders',
  state: () => ({ numbers: [] as number[] }),
  on: {
    place(ctx) {
      ctx.state.numbers.push(++orders)
      return orders
    },
  },
})
// end: counter

// region: check
/** A system for tests: it refuses what goes past `ctx`, and runs every turn twice. */
export function checked(root: Definition): Promise<System> {
  return createSystem({ name: 'shop', root, strict: true, alwaysReplay: true })
}
// end: check
