// The overseer of a thread, in the thread of a test: what Node would tell it is told by the test.

import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MEMORY_LOOK_MESSAGES, MEMORY_LOOK_MS } from '../limits.js'
import {
  BLAMED,
  BYTES,
  CAUSE,
  CAUSE_BYTES,
  CAUSE_EXIT,
  CPU_US,
  CURRENT,
  EXIT_CODE,
  HEAP,
  LOADING,
  newThreadMemory,
  OFF_ACTOR,
  OFF_INDEX,
  OFF_SERIAL,
  type ThreadMemory,
} from '../wire/memory.js'
import { Isolate } from './isolate.js'

const MEGABYTE = 1_048_576

/** Stands for what Node calls as something is caught by nobody, and as the thread ends. */
let node: EventEmitter
let isolate: Isolate
let memory: ThreadMemory
/** Milliseconds on the clock of the thread. */
let nowMs: number
let ended: number

class Ended extends Error {}

beforeEach(() => {
  node = new EventEmitter()
  nowMs = 1_000
  ended = 0
  vi.spyOn(process, 'on').mockImplementation(((name: string, run: () => void) => {
    node.on(name, run)
    return process
  }) as never)
  vi.spyOn(process, 'exit').mockImplementation(() => {
    ended++
    throw new Ended()
  })
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
  isolate = new Isolate()
  memory = newThreadMemory()
  isolate.begin(memory, Infinity)
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** Bytes that nobody but their holder keeps. */
function bytes(megabytes: number): Uint8Array {
  return new Uint8Array(megabytes * MEGABYTE)
}

function bytesNow(): number {
  return process.memoryUsage().arrayBuffers
}

describe('I1 What ends a thread is put down to the actor whose code led there', () => {
  const nobodyCatches = (): unknown => node.emit('uncaughtExceptionMonitor', new Error('caught by nobody'))

  it('in its turn', () => {
    isolate.within(7, nobodyCatches, undefined)
    expect(memory[BLAMED]).toBe(7)
  })

  it.each<[string, (then: () => void) => void]>([
    ['in a timer', (then) => void setTimeout(then, 1)],
    ['in an immediate', (then) => void setImmediate(then)],
    ['in a microtask', queueMicrotask],
    ['in a promise', (then) => void Promise.resolve().then(then)],
    ['behind an await', (then) => void (async () => (await Promise.resolve(), then()))()],
    ['on the next tick', (then) => process.nextTick(then)],
    [
      'in a listener',
      (then) => {
        const target = new EventTarget()
        target.addEventListener('now', then)
        target.dispatchEvent(new Event('now'))
      },
    ],
  ])('%s that it has left behind, while others are in hand', async (_what, leave) => {
    const left = new Promise<void>((resolve) => {
      isolate.within(7, leave, () => {
        nobodyCatches()
        resolve()
      })
    })
    isolate.within(
      8,
      () => {
        isolate.enter(8)
      },
      undefined,
    )
    await left
    expect(memory[BLAMED]).toBe(7)
  })

  it('by process.exit, with its code', () => {
    isolate.within(7, () => node.emit('exit', 3), undefined)
    expect([memory[CAUSE], memory[EXIT_CODE], memory[BLAMED]]).toEqual([CAUSE_EXIT, 3, 7])
  })

  it('and stays with the first one, whatever an ending thread still does', () => {
    isolate.within(7, nobodyCatches, undefined)
    isolate.within(8, nobodyCatches, undefined)
    isolate.within(9, () => node.emit('exit', 1), undefined)
    expect(memory[BLAMED]).toBe(7)
  })

  it('and to nobody where no code of an actor led', () => {
    nobodyCatches()
    node.emit('exit', 0)
    expect([memory[BLAMED], memory[CAUSE]]).toEqual([0, CAUSE_EXIT])
  })
})

describe('I2 A thread that keeps more bytes than it may', () => {
  it('ends in the hands of the message that it has', () => {
    const kept = bytes(16)
    isolate.begin(memory, bytesNow() - 8 * MEGABYTE)
    expect(() => {
      isolate.look(7, true)
    }).toThrow(Ended)
    expect([memory[CAUSE], memory[BLAMED], kept.byteLength]).toEqual([CAUSE_BYTES, 7, 16 * MEGABYTE])
    expect(memory[BYTES]).toBeGreaterThan(8 * MEGABYTE)
    // Node tells it of the end that it has brought about.
    node.emit('exit', 0)
    expect(memory[CAUSE]).toBe(CAUSE_BYTES)
  })

  it('lives on when what is too much is garbage, each time', () => {
    const before = bytesNow()
    const fill = (): number => Array.from({ length: 4 }, () => bytes(16)).length
    for (let times = 0; times < 20; times++) {
      expect(fill()).toBe(4)
      isolate.begin(memory, before + 32 * MEGABYTE)
      nowMs += MEMORY_LOOK_MS
      isolate.look(7, true)
      expect([ended, memory[CAUSE], memory[BLAMED]]).toEqual([0, 0, 0])
      expect(memory[BYTES]).toBeLessThanOrEqual(before + 32 * MEGABYTE)
    }
  })

  it('is looked at behind some messages or at the end of an errand, and not more often than it takes', () => {
    const looks = vi.spyOn(process, 'memoryUsage')
    for (let i = 1; i < MEMORY_LOOK_MESSAGES; i++) isolate.look(7, false)
    expect(looks).toHaveBeenCalledTimes(0)
    isolate.look(7, false)
    expect(looks).toHaveBeenCalledTimes(1)
    isolate.look(7, true)
    expect(looks).toHaveBeenCalledTimes(1)
    nowMs += MEMORY_LOOK_MS
    isolate.look(7, true)
    expect(looks).toHaveBeenCalledTimes(2)
    expect(memory[HEAP]).toBeGreaterThan(MEGABYTE)
    expect(memory[CPU_US]! > 0).toBe('threadCpuUsage' in process)
  })
})

describe('A thread that is watched', () => {
  it('says whose code came onto the stack last', () => {
    isolate.enter(7)
    isolate.enter(8)
    expect(memory[CURRENT]).toBe(8)
  })

  it('calls one turn off, and no other', () => {
    memory[OFF_ACTOR] = 7
    memory[OFF_SERIAL] = 2
    memory[OFF_INDEX] = 3
    const turns: readonly (readonly [number, number, number])[] = [
      [7, 2, 3],
      [7, 2, 4],
      [7, 3, 3],
      [8, 2, 3],
    ]
    expect(turns.map(([actor, serial, index]) => isolate.isCalledOff(actor, serial, index))).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  it('says how much is being loaded, also when that fails, and what had begun before it was watched', async () => {
    const fresh = new Isolate()
    const end: ((how: Promise<void>) => void)[] = []
    const load = (): Promise<void> => new Promise((resolve) => end.push(resolve))
    const [one, two] = [fresh.loading(load), fresh.loading(load)]
    fresh.begin(memory, Infinity)
    expect(memory[LOADING]).toBe(2)
    end[0]!(Promise.resolve())
    end[1]!(Promise.reject(new Error('on purpose')))
    await expect(Promise.allSettled([one, two])).resolves.toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected' },
    ])
    expect(memory[LOADING]).toBe(0)
  })

  it('gives each step to the event loop', async () => {
    const seen: string[] = []
    await new Promise<void>((resolve) => {
      isolate.step(() => {
        seen.push('step')
        resolve()
      })
      seen.push('before')
    })
    expect(seen).toEqual(['before', 'step'])
  })
})
