import { createSystem, type System } from 'holdfast'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { describe, expect, it } from 'vitest'
import { asked, desk, hangUp, onTheLine } from './help-desk.js'

async function opened() {
  const time = new VirtualAuthorities()
  const settled = async <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => undefined)
    await time.settle()
    return promise
  }
  const system = await settled(createSystem({ name: 'desk', root: desk, authorities: time }))
  const ask = (path: string, type: string, payload?: unknown): Promise<unknown> =>
    settled(system.ref(path).ask(type, payload))
  const enter = (customer: string, topic = 'bills') => ask('/desk/door', 'enter', { customer, topic })
  return { system, ask, enter, settled }
}

const lines = (system: System, customer: string): unknown =>
  (system.inspect(`/desk/chats/${customer}`).state as { lines: string[] }).lines

describe('the help desk of the guide', () => {
  it('has a conversation for each customer, up to its bound, and room again when one has closed', async () => {
    const { system, ask, enter, settled } = await opened()
    expect(await enter('ana')).toBe('you are at /desk/chats/ana')
    expect(await enter('ana')).toBe('you are at /desk/chats/ana')
    await enter('ben')
    await enter('cem')
    expect(await enter('dan')).toBe('please hold the line')
    await ask('/desk/chats/ana', 'close')
    expect(await enter('dan')).toBe('you are at /desk/chats/dan')
    await settled(hangUp(system, 'ben'))
    expect(await settled(onTheLine(system))).toEqual(['cem', 'dan'])
  })

  it('has lines translated by a task each, which leaves nothing behind', async () => {
    const { system, ask, enter } = await opened()
    await enter('ana')
    await ask('/desk/interpreter', 'pass', { to: 'ana', line: 'guten Tag' })
    expect(lines(system, 'ana')).toEqual(['GUTEN TAG'])
    expect(system.inspect('/desk/translations').children).toEqual([])
  })

  it('counts each topic at the same partition', async () => {
    const { system, enter, settled } = await opened()
    for (const [customer, topic] of [
      ['ana', 'bills'],
      ['ben', 'bills'],
      ['cem', 'keys'],
    ] as const)
      await enter(customer, topic)
    expect(await settled(asked(system, 'bills'))).toBe(2)
    expect(await settled(asked(system, 'keys'))).toBe(1)
  })
})
