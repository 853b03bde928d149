import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CURRENT, LOADING, newThreadMemory, type ThreadMemory } from '../wire/memory.js'
import type { Reply, Task } from '../wire/tasks.js'
import { newValues } from '../wire/values.fixture.js'
import { serveThread } from './serve-thread.js'

const MODULE = new URL('./definitions.fixture.mjs', import.meta.url).href

let doTask: (task: Task) => Promise<Reply>
let memory: ThreadMemory
let copies = 0

beforeEach(() => {
  // The thread of a test ends for other reasons.
  vi.spyOn(process, 'on').mockReturnValue(process)
  doTask = serveThread(newValues())
  memory = newThreadMemory()
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** The same module, as one that was never loaded. */
function fresh(): string {
  return `${MODULE}?${++copies}`
}

function begin(modules: readonly string[]): Promise<Reply> {
  const nobody = { actor: 0, serial: 0, inHand: new Int32Array(new SharedArrayBuffer(8)) }
  return doTask({ kind: 'begin', ...nobody, memory, bytesMax: Infinity, modules })
}

function run(module: string): Promise<Reply> {
  const of = { actor: 5, serial: 1, inHand: new Int32Array(new SharedArrayBuffer(8)) }
  const where = { definition: 'one', module, path: '/one', parent: '/' }
  // A state that is undefined goes along, and no message.
  const parcel = { bytes: new Uint8Array([1, 0, 0, 0, 0]), texts: [] }
  const how = { turns: 0, digestEvery: 0, isStateDue: false, count: 0, parcel }
  return doTask({ kind: 'run', ...of, ...where, ...how })
}

function loaded(): number {
  return (globalThis as { definitionsLoaded?: number }).definitionsLoaded ?? 0
}

describe('The first task of a thread', () => {
  it('loads what others before it have needed, while the main thread sees that it loads', async () => {
    const before = loaded()
    const begun = begin([fresh(), fresh()])
    expect(memory[LOADING]).toBe(1)
    expect(await begun).toEqual({ kind: 'begun' })
    expect([memory[LOADING], loaded() - before]).toEqual([0, 2])
  })

  it('is done also when a module cannot be loaded: whoever needs that is told', async () => {
    expect(await begin(['file:///nowhere.mjs', fresh()])).toEqual({ kind: 'begun' })
    expect(await run('file:///nowhere.mjs')).toMatchObject({
      kind: 'error',
      error: { code: 'HF_THREAD_UNLOADABLE', message: expect.stringContaining('nowhere.mjs') as string },
    })
  })

  it('has a module that it loaded loaded once', async () => {
    const module = fresh()
    await begin([module])
    const before = loaded()
    expect(await run(module)).toMatchObject({
      kind: 'error',
      error: { message: expect.stringContaining('exports no definition') as string },
    })
    expect(loaded()).toBe(before)
  })

  it('may come when others have come before it', async () => {
    const early = run(fresh())
    expect(await begin([])).toEqual({ kind: 'begun' })
    expect(await early).toMatchObject({ kind: 'error' })
    expect([memory[LOADING], memory[CURRENT]]).toEqual([0, 0])
  })
})
