import { createSystem, type System } from 'holdfast'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { describe, expect, it } from 'vitest'
import { shop } from './names.js'

async function opened(): Promise<{
  system: System
  ask: (path: string, type: string, payload?: unknown) => Promise<unknown>
}> {
  const time = new VirtualAuthorities()
  const starting = createSystem({ name: 'shop', root: shop, authorities: time })
  await time.settle()
  const system = await starting
  const ask = async (path: string, type: string, payload?: unknown): Promise<unknown> => {
    const asked = system.ref(path).ask(type, payload)
    await time.settle()
    return asked
  }
  return { system, ask }
}

const printed = (system: System, id: string): unknown =>
  (system.inspect(`/shop/${id}`).state as { printed: string[] }).printed

describe('the print shop of the guide', () => {
  it('finds a printer by its colour, and nobody once that printer is scrapped', async () => {
    const { system, ask } = await opened()
    const order = { colour: 'blue', text: 'a page' }
    expect(await ask('/shop/clerk', 'order', order)).toBe('printed by /shop/right')
    expect(printed(system, 'right')).toEqual(['a page'])
    await ask('/shop/right', 'scrap')
    expect(await ask('/shop/clerk', 'order', order)).toBe('nobody prints blue')
  })

  it('tells all printers at once', async () => {
    const { system, ask } = await opened()
    await ask('/shop/clerk', 'close')
    for (const id of ['left', 'right']) expect(printed(system, id)).toEqual(['notice: we close at six'])
  })
})
