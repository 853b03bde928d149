import { describe, expect, it } from 'vitest'
import { EventStream } from './events.js'

const restarted = { actor: '/a', incarnation: 2 }

describe('the stream of events', () => {
  it('says whether anybody listens, so that nothing is built for nobody', () => {
    const events = new EventStream()
    expect(events.has('restarted')).toBe(false)
    const stop = events.on('restarted', () => undefined)
    expect(events.has('restarted')).toBe(true)
    expect(events.has('stopped')).toBe(false)
    stop()
    expect(events.has('restarted')).toBe(false)
  })

  it('tells every listener, in the order in which they came, until they stop listening', () => {
    const events = new EventStream()
    const seen: string[] = []
    const stop = events.on('restarted', ({ actor }) => seen.push(`first ${actor}`))
    events.on('restarted', ({ actor }) => seen.push(`second ${actor}`))
    events.emit('restarted', restarted)
    stop()
    events.emit('restarted', restarted)
    expect(seen).toEqual(['first /a', 'second /a', 'second /a'])
  })

  it('reports a listener that throws as a warning, and tells the others', () => {
    const events = new EventStream()
    const seen: unknown[] = []
    events.on('warning', (warning) => seen.push(warning))
    events.on('restarted', () => {
      throw new RangeError('in the listener')
    })
    events.on('restarted', ({ actor }) => seen.push(actor))
    events.emit('restarted', restarted)
    expect(seen).toMatchObject([
      { message: 'A listener of "restarted" threw: in the listener', error: { name: 'RangeError' } },
      '/a',
    ])
  })

  it('bears a listener of warnings that throws', () => {
    const events = new EventStream()
    events.on('warning', () => {
      throw new Error('again')
    })
    expect(() => {
      events.emit('warning', { actor: '/a', message: 'careful', error: undefined })
    }).not.toThrow()
  })
})
