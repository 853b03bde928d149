import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { describe, expect, it } from 'vitest'
import { bank, recorded } from './bank.fixture.js'
import { Incident } from './incident.js'
import { play, replay } from './player.js'

const LEDGER = '/bank/ledger'

async function player(amounts: readonly number[], correlation = 'payment-0') {
  const { journal } = await recorded(amounts)
  const incident = new Incident(journal, correlation)
  return { incident, player: play(incident, { swarm: bank() }) }
}

const balance = (state: unknown): number => (state as { balance: number }).balance

describe('a replay that is led by hand', () => {
  it('goes forward one turn at a time, and the state of an actor is there in between', async () => {
    const { player: led } = await player([10, 20], 'payment-1')
    expect([led.position, balance(led.state(LEDGER))]).toEqual([0, 1_000])
    const seen: unknown[] = []
    for (let turn = await led.next(); turn !== undefined; turn = await led.next())
      seen.push([turn.kind, balance(led.state(LEDGER))])
    expect(seen).toEqual([
      ['take', 990],
      ['pay', 990],
      ['note', 990],
      ['take', 970],
      ['pay', 970],
      ['note', 970],
    ])
    expect([led.ahead, led.done]).toEqual([undefined, 6])
  })

  it('goes back one turn, and forward again to the same report (A1)', async () => {
    const { player: led } = await player([10, 20], 'payment-1')
    await led.run()
    const whole = led.report()
    expect((await led.back())?.kind).toBe('pay')
    expect([led.done, balance(led.state(LEDGER))]).toEqual([5, 970])
    await led.back()
    await led.back()
    expect(balance(led.state(LEDGER))).toBe(990)
    await led.run()
    expect(led.report().counts).toEqual(whole.counts)
    const { player: fresh } = await player([10])
    expect(await fresh.back()).toBe(undefined)
  })

  it('goes to any position, forward and back', async () => {
    const { incident, player: led } = await player([10, 20, 30], 'payment-2')
    const positions = [...incident.slice.steps()].map((step) => step.position)
    await led.goTo(positions[4]!)
    expect([led.position, led.ahead]).toEqual([positions[4], positions[5]])
    await led.goTo(positions[1]!)
    expect([led.position, led.ahead]).toEqual([positions[1], positions[2]])
    await led.goTo(positions[1]! - 1)
    expect(led.position).toBe(positions[0])
  })

  it('stops after a turn of which something is true, and when it is paused', async () => {
    const { player: led } = await player([10, 20], 'payment-1')
    await led.run({ to: (turn) => turn.kind === 'note' })
    expect(led.done).toBe(3)
    await led.run({
      onTurn: () => {
        led.pause()
      },
    })
    expect(led.done).toBe(4)
    await led.run()
    expect(led.done).toBe(6)
  })

  it('keeps the pace of the original, or a multiple of it, when it is told to', async () => {
    const { journal } = await recorded([10, 20, 30])
    const incident = new Incident(journal, { from: 1, to: journal.next - 1 })
    const positions = async (speed: number, afterMs: number): Promise<number> => {
      const authorities = new VirtualAuthorities()
      const led = play(incident, { swarm: bank(), authorities })
      const running = led.run({ speed })
      await authorities.advance(afterMs)
      const { done } = led
      await authorities.advance(1_000)
      await running
      return done
    }
    // The payments were ten milliseconds apart, three turns each.
    expect(await positions(1, 9)).toBe(3)
    expect(await positions(1, 11)).toBe(6)
    expect(await positions(10, 1.5)).toBe(6)
    expect(await positions(0.5, 11)).toBe(3)
  })

  it('gives a copy of a state: what is done to it changes nothing', async () => {
    const { player: led } = await player([10])
    ;(led.state(LEDGER) as { balance: number }).balance = 0
    expect(balance(led.state(LEDGER))).toBe(1_000)
    expect((await led.run()).identical).toBe(true)
  })

  it('knows only the actors of the incident', async () => {
    const { player: led } = await player([10])
    expect(() => led.state('/bank/vault')).toThrow(expect.objectContaining({ code: 'HF_NO_SUCH_ACTOR' }))
  })

  it.each([
    ['to', { to: -1 }],
    ['to', { to: 'end' as never }],
    ['speed', { speed: 0 }],
    ['speed', { speed: 'fast' as never }],
  ])('refuses %s of %o', async (field, options) => {
    const { incident } = await player([10])
    await expect(replay(incident, { swarm: bank(), ...options })).rejects.toMatchObject({
      code: 'HF_INVALID',
      field,
    })
  })
})
