import { createSystem, type System } from 'holdfast'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { beforeEach, describe, expect, it } from 'vitest'
import { codePage, countCash, givenUp, mend, shop, traceTill, watchShop } from './steering.js'

let system: System
let time: VirtualAuthorities

/** Lets the system run until a promise has settled. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  for (let i = 0; i < 20; i++) await time.settle()
  return promise
}

async function book(...amounts: string[]): Promise<void> {
  for (const amount of amounts) system.ref('/shop/till').tell('book', { amount })
  await time.settle()
}

beforeEach(async () => {
  codePage.isMended = false
  time = new VirtualAuthorities()
  const starting = createSystem({ name: 'shop', root: shop, authorities: time })
  await time.settle()
  system = await starting
})

describe('the guide on steering', () => {
  it('a till that fails too often is held, mended, and has lost nothing', async () => {
    const said: string[] = []
    watchShop(system, (line) => said.push(line))
    await book('1', '2 €', '3 €', '4 €', '5', '6 €')
    expect(said).toEqual(['/shop/till is held: cannot read "4 €"'])
    expect(givenUp(system)).toEqual([
      'book {"amount":"2 €"}: cannot read "2 €"',
      'book {"amount":"3 €"}: cannot read "3 €"',
      'book {"amount":"4 €"}: cannot read "4 €"',
    ])
    codePage.isMended = true
    await settled(mend(system, 'ana'))
    expect(system.inspect('/shop/till')).toMatchObject({ status: 'running', state: { sum: 21 } })
    expect(givenUp(system)).toEqual([])
  })

  it('while the cash is counted nothing is booked, and afterwards everything', async () => {
    await settled(
      countCash(system, async () => {
        await book('1', '2')
        expect(system.inspect('/shop/till')).toMatchObject({ status: 'paused', mailbox: 2 })
      }),
    )
    expect(system.inspect('/shop/till')).toMatchObject({ status: 'running', state: { sum: 3 } })
  })

  it('a trace shows the turns that there are while it goes on', async () => {
    const said: string[] = []
    await traceTill(
      system,
      () => book('1', '2 €'),
      (line) => said.push(line),
    )
    await book('3')
    expect(said).toEqual([
      expect.stringMatching(/^book at \d+: done$/),
      expect.stringMatching(/^book at \d+: failed$/),
    ])
  })
})
