import fc from 'fast-check'
import { HoldfastError, type Call, type FarTurn } from '@holdfast/kernel'
import { describe, expect, it } from 'vitest'
import { ParcelWriter } from './bytes.js'
import { ReadWork, writeCall, writeTurnEnd } from './turns.js'
import type { Values } from './values.js'
import { anyNumber, anyRecord, anyText, anyValue, newValues, areSame } from './values.fixture.js'

const options = fc.option(fc.dictionary(anyText, anyValue, { noNullPrototype: true }), { nil: undefined })
const index = fc.nat()

const storedError = anyRecord({ name: anyText, message: anyText, code: anyText, cause: anyValue })

/** Each call that a handler can make. A kind that is missing here does not compile. */
const kinds: { readonly [K in Call['call']]: Readonly<Record<string, fc.Arbitrary<unknown>>> } = {
  tell: { to: anyText, type: anyText, payload: anyValue, options },
  ask: { index, to: anyText, type: anyText, payload: anyValue, options },
  lives: { index, to: anyText },
  effect: { index, name: anyText, options },
  spawn: { definition: anyText, options },
  stop: { to: anyText, how: fc.constantFrom('stop', 'kill', 'drain') },
  watch: { to: anyText, type: anyText },
  unwatch: { to: anyText },
  link: { to: anyText },
  dependOn: { to: anyText },
  unlink: { to: anyText },
  schedule: { type: anyText, payload: anyValue, options, nowMs: anyNumber },
  unschedule: { key: anyText },
  patched: { id: anyText },
  reply: { answer: anyValue },
  log: { level: fc.constantFrom('debug', 'info', 'warn', 'error'), line: anyText, data: options },
  stash: {},
  unstash: {},
  well: {},
  id: {},
  refused: { of: anyText, to: anyText, type: anyText, error: storedError },
}

const anyCall = fc.oneof(
  ...Object.entries(kinds).map(([call, fields]) => anyRecord({ call: fc.constant(call), ...fields })),
) as fc.Arbitrary<Call>

const anyTurn: fc.Arbitrary<FarTurn> = fc
  .record<Record<keyof FarTurn, unknown>>({
    outcome: fc.constantFrom('done', 'failed', 'waits', 'ignored'),
    calls: fc.array(anyCall, { maxLength: 8 }),
    answer: anyValue,
    error: storedError,
    timeMs: anyNumber,
    digest: fc.integer({ min: -1 }),
  })
  .map((turn) => {
    const hasFailed = turn.outcome === 'failed'
    return { ...turn, answer: hasFailed ? undefined : turn.answer, error: hasFailed ? turn.error : undefined }
  }) as fc.Arbitrary<FarTurn>

/** What a call that was refused is told from others by. */
function whoms(call: Call): [of: string, to: string, type: string] {
  if (call.call === 'spawn') return [call.call, call.options?.name ?? '', call.definition]
  if (call.call === 'effect') return [call.call, call.name, '']
  return [call.call, 'to' in call ? call.to : '', 'type' in call ? call.type : '']
}

/** Values as the log has them: errors of any class are none, and nothing odd is looked into. */
function refusing(odd: unknown): Values['stored'] {
  const { stored } = newValues()
  return (value) => {
    const isWhole = value !== odd && typeof value === 'object' && value !== null
    const inside: unknown[] = isWhole ? Object.values(value) : []
    if ([value, ...inside].some((each) => each === odd || each instanceof Error))
      throw new HoldfastError('HF_NOT_STORABLE', 'It cannot be kept.')
    return stored(value)
  }
}

const someState = fc.option(anyRecord({ value: anyValue }), { nil: undefined })

function write(writer: ParcelWriter, { calls, outcome, answer, error, timeMs, digest }: FarTurn): void {
  for (const call of calls) writeCall(writer, call)
  writeTurnEnd(writer, outcome, error ?? answer, timeMs, digest)
}

/** Reads work as the kernel does: one turn, of which nothing is kept, after the other. */
function read(writer: ParcelWriter, size: number, hasState: boolean): { turns: FarTurn[]; state: unknown } {
  const work = new ReadWork(newValues(), { parcel: writer.end(), size, hasState })
  const turns: FarTurn[] = []
  for (let i = 0; i < size; i++) {
    expect(work.state).toBeUndefined()
    const { calls, ...rest } = work.next()
    turns.push({ ...rest, calls: [...calls] })
  }
  return { turns, state: work.state }
}

describe('What handlers did', () => {
  it('comes back call by call, with each kind of call, each kind of end, and the state behind the last', () => {
    fc.assert(
      fc.property(fc.array(anyTurn, { minLength: 1, maxLength: 6 }), someState, (turns, state) => {
        const writer = new ParcelWriter(newValues())
        for (const turn of turns) write(writer, turn)
        if (state !== undefined) writer.value(state.value)
        const back = read(writer, turns.length, state !== undefined)
        return areSame(back, { turns, state })
      }),
    )
  })

  it.each(Object.keys(kinds))('has what a call of %s has, and no field more', (kind) => {
    fc.assert(
      fc.property(
        anyCall.filter(({ call }) => call === kind),
        (call) => {
          const writer = new ParcelWriter(newValues())
          writeCall(writer, call)
          writeTurnEnd(writer, 'done', undefined, 0, -1)
          return areSame(read(writer, 1, false).turns[0]!.calls, [call])
        },
      ),
      { numRuns: 20 },
    )
  })

  it('has of a call that is refused for what it carries that it was refused, and nothing else', () => {
    const refused: readonly Call[] = [
      { call: 'tell', to: 'a', type: 'new text', payload: () => 1, options: undefined },
      { call: 'ask', index: 3, to: 'a', type: 'b', payload: 1, options: (() => 1) as never },
      { call: 'reply', answer: { deep: [Symbol('no')] } },
      { call: 'spawn', definition: 'leaf', options: { name: 'one', args: () => 1 } },
      { call: 'effect', index: 1, name: 'outside', options: { retry: () => 1 } as never },
      { call: 'schedule', type: 't', payload: new WeakMap(), options: {} as never, nowMs: 1 },
    ]
    const step = fc.oneof(anyCall, fc.constantFrom(...refused))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (calls) => {
        const writer = new ParcelWriter(newValues())
        for (const call of calls) {
          const write = (): void => {
            writeCall(writer, call)
          }
          if (refused.includes(call))
            expect(write).toThrow(expect.objectContaining({ code: 'HF_NOT_STORABLE' }))
          else write()
        }
        writeTurnEnd(writer, 'done', undefined, 0, -1)
        const back = read(writer, 1, false).turns[0]!.calls
        return back.every((call, i) =>
          refused.includes(calls[i]!)
            ? call.call === 'refused' && areSame([call.of, call.to, call.type], whoms(calls[i]!))
            : areSame(call, calls[i]),
        )
      }),
    )
  })

  it('has every line of the log, and as texts what of its data cannot be kept', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const data = { n: 1, list: [1], run: () => 1, error: new RangeError('out'), symbol: Symbol('s'), proxy }
    const writer = new ParcelWriter({ ...newValues(), stored: refusing(proxy) })
    writeCall(writer, { call: 'log', level: 'warn', line: 'seen', data })
    writeTurnEnd(writer, 'done', undefined, 0, -1)
    const kept = {
      n: 1,
      list: [1],
      run: '() => 1',
      error: 'RangeError: out',
      symbol: 'Symbol(s)',
      proxy: 'object',
    }
    expect(read(writer, 1, false).turns[0]!.calls).toEqual([
      { call: 'log', level: 'warn', line: 'seen', data: kept },
    ])
  })

  it('ends as failed where the answer cannot be kept, with the calls before it', () => {
    const writer = new ParcelWriter(newValues())
    writeCall(writer, { call: 'well' })
    expect(() => {
      writeTurnEnd(writer, 'done', () => 1, 5, 7)
    }).toThrow(expect.objectContaining({ code: 'HF_NOT_STORABLE' }))
    writeTurnEnd(writer, 'failed', { name: 'Error', message: 'm' }, 5, -1)
    expect(read(writer, 1, false).turns).toEqual([
      {
        outcome: 'failed',
        calls: [{ call: 'well' }],
        answer: undefined,
        error: { name: 'Error', message: 'm' },
        timeMs: 5,
        digest: -1,
      },
    ])
  })

  it('X1 is what it was when the call was made, whatever becomes of the object', () => {
    const payload = { n: 1, list: [1] }
    const writer = new ParcelWriter(newValues())
    writeCall(writer, { call: 'tell', to: 'a', type: 'b', payload, options: undefined })
    payload.n = 2
    payload.list.push(2)
    writeTurnEnd(writer, 'done', undefined, 0, -1)
    expect(read(writer, 1, false).turns[0]!.calls).toMatchObject([{ payload: { n: 1, list: [1] } }])
  })

  it('may have thousands of turns', () => {
    const writer = new ParcelWriter(newValues())
    for (let i = 0; i < 5_000; i++) {
      writeCall(writer, { call: 'tell', to: '/root/a', type: `t${i % 3}`, payload: i, options: undefined })
      writeTurnEnd(writer, 'done', i, i, -1)
    }
    const { turns } = read(writer, 5_000, false)
    expect(turns.map(({ answer }) => answer)).toEqual(turns.map((_, i) => i))
    expect(turns.at(-1)!.calls).toMatchObject([{ type: 't1', payload: 4_999 }])
  })
})
