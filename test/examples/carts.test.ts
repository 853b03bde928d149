import { createSystem } from 'holdfast'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { counted, put, shop } from './carts.js'

describe('the shop of the guide', () => {
  let data: string

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'holdfast-carts-'))
  })

  afterEach(() => rm(data, { recursive: true, force: true }))

  it('has a cart for each customer, which is there after the process has ended', async () => {
    const first = await createSystem({ name: 'shop', data, root: shop })
    expect([
      await put(first, 'ana', 'tea'),
      await put(first, 'ana', 'milk'),
      await put(first, 'ben', 'tea'),
    ]).toEqual([1, 2, 1])
    await first.stop()
    await using second = await createSystem({ name: 'shop', data, root: shop })
    expect(await second.ref('/shop/till').ask('pay', 'ana')).toBe(2)
    expect(await second.ref('/shop/till').ask('pay', 'ana')).toBe(0)
    expect(await counted(second)).toBe('2 carts, 2 awake')
  })

  it('lets carts sleep that are idle, and those that are watched not', async () => {
    const time = new VirtualAuthorities()
    const settled = async <T>(promise: Promise<T>): Promise<T> => {
      await time.settle()
      return promise
    }
    const system = await settled(createSystem({ name: 'shop', root: shop, authorities: time }))
    await settled(put(system, 'ana', 'tea'))
    await settled(put(system, 'ben', 'tea'))
    await time.advance(800_000)
    expect(await settled(counted(system))).toBe('2 carts, 0 awake')
    await settled(system.ref('/shop/guard').ask('follow', 'ben'))
    await time.advance(800_000)
    expect(await settled(counted(system))).toBe('2 carts, 1 awake')
    system.ref('/shop/carts/ben').tell('spoil')
    await time.settle()
    expect(system.inspect('/shop/guard').state).toEqual({ spoiled: ['/shop/carts/ben'] })
    expect(await settled(put(system, 'ben', 'milk'))).toBe(2)
  })
})
