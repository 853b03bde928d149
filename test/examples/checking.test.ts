import { child, supervisor, type Definition } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { checked, numbering } from './checking.js'
import { faithful, forgetful } from './replayable.js'

/** What placing one order fails with, if it does. */
async function failureOf(orders: Definition): Promise<unknown> {
  await using system = await checked(supervisor({ name: 'shop', children: [child(orders)] }))
  return await system
    .ref('/shop/orders')
    .ask('place')
    .then(
      () => undefined,
      (error: unknown) => (error as Error).cause,
    )
}

describe('the orders of the guide, checked', () => {
  it('are placed when they take everything through ctx', async () => {
    expect(await failureOf(faithful)).toBeUndefined()
  })

  it('fail at the first line that goes past ctx', async () => {
    expect(await failureOf(forgetful)).toMatchObject({
      code: 'HF_LEAK',
      message: expect.stringMatching(
        /^\/shop\/orders in "place" calls crypto\.randomUUID past ctx, at .*replayable\.ts:\d+:\d+\.$/,
      ) as string,
    })
  })

  it('fail when their number comes from a variable of the module', async () => {
    expect(await failureOf(numbering)).toMatchObject({
      code: 'HF_NOT_DETERMINISTIC',
      message:
        '/shop/orders in "place" does not do the same twice: it answers 2 instead of 1; its state is {"numbers":[2]} instead of {"numbers":[1]}.',
    })
  })
})
