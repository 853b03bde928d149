import fc from 'fast-check'
import type { Errand, ErrandMessage } from '@holdfast/kernel'
import { describe, expect, it } from 'vitest'
import { ParcelReader, ParcelWriter } from './bytes.js'
import { readMessage, readState, writeErrand } from './messages.js'
import { anyRecord, anyText, anyValue, newValues, areSame } from './values.fixture.js'

const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined })

const anyMessage: fc.Arbitrary<ErrandMessage> = fc
  .record({
    type: anyText,
    payload: anyValue,
    position: fc.maxSafeNat(),
    attempt: fc.integer({ min: 1, max: 1_000 }),
    sender: maybe(anyText),
    name: maybe(anyText.filter((name) => name !== '')),
    isAsked: fc.boolean(),
    timeMs: fc.double({ noNaN: true }),
    patched: maybe(fc.array(anyText)),
  })
  .map(({ name, ...message }) => ({ ...message, correlation: name ?? String(message.position) }))

const someState = fc.option(anyRecord({ value: anyValue }), { nil: null })

function there(state: Errand['state'], messages: readonly ErrandMessage[]): ParcelReader {
  const writer = new ParcelWriter(newValues())
  writeErrand(writer, { state, messages } as unknown as Errand)
  return new ParcelReader(newValues(), writer.end())
}

describe('The messages of an errand', () => {
  it('come with all that a handler may ask of them, behind the state if that goes along', () => {
    fc.assert(
      fc.property(someState, fc.array(anyMessage, { maxLength: 20 }), (state, messages) => {
        const reader = there(state, messages)
        const back = { state: readState(reader), messages: messages.map(() => readMessage(reader)) }
        return areSame(back, { state, messages }) && reader.isAtEnd
      }),
    )
  })

  it('tell a turn that begins again under no change from one that begins for the first time', () => {
    const [message] = fc.sample(anyMessage, 1) as [ErrandMessage]
    const reader = there(null, [
      { ...message, patched: [] },
      { ...message, patched: undefined },
    ])
    readState(reader)
    expect([readMessage(reader).patched, readMessage(reader).patched]).toEqual([[], undefined])
  })

  it('tell no state from a state that is undefined', () => {
    expect([readState(there(null, [])), readState(there({ value: undefined }, []))]).toEqual([
      null,
      { value: undefined },
    ])
  })

  it('are refused when the state cannot travel', () => {
    expect(() => there({ value: { run: () => 1 } }, [])).toThrow(
      expect.objectContaining({ code: 'HF_NOT_STORABLE' }),
    )
  })
})
