// What `bar-shrink.ts` wrote, on the mended swarm.

import { expect, it } from 'vitest'
import { reproduce, type Reproduction } from 'holdfast/replay'
import swarm from './bar-fixed.js'

// region: reproduction
const reproduction: Reproduction = {
  actor: '/bar/tabs',
  parent: '/bar',
  definition: 'tabs',
  args: undefined,
  error: { name: 'TooMuch', message: 'ben owes 300450 cents' },
  messages: [
    {
      type: 'order',
      payload: { guest: 'ben', drink: 'lemonade' },
      position: 5,
      atMs: 1795349433874,
      results: [{ index: 0, effect: 'price', value: 300, atMs: 1795349433930 }],
    },
    {
      type: 'order',
      payload: { guest: 'ben', drink: 'tonic' },
      position: 13,
      atMs: 1795349433942,
      correlation: 'ben',
      results: [{ index: 0, effect: 'price', value: '450', atMs: 1795349433945 }],
    },
    {
      type: 'pay',
      payload: { guest: 'ben' },
      position: 25,
      atMs: 1795349433966,
      correlation: 'ben',
    },
  ],
}

it('/bar/tabs handles "pay" of ben', async () => {
  const { error } = await reproduce({ ...reproduction, swarm })
  expect(error).toBeUndefined()
})
// end: reproduction
