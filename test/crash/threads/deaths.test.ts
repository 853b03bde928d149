// Every way in which an actor can end its thread, with real threads: it alone fails, with the right kind; who lives beside it
// goes on in another thread, is not charged, and loses and repeats nothing, as its log says.

import { createSystem, type System } from 'holdfast'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NEIGHBOURS, root } from './mortal.fixture.js'
import { asked, bundled, type Bundle } from './on-threads.js'

const NUMBER: unknown = expect.any(Number)

let bundle: Bundle
let system: System
let failed: { readonly actor: string; readonly code: string | undefined }[] = []

beforeAll(async () => {
  bundle = await bundled(new URL('./mortal.fixture.ts', import.meta.url))
  system = await createSystem({
    name: 'mortal',
    root,
    threads: {
      module: bundle.module,
      pools: {
        one: bundle.pool({ threads: 1 }),
        small: bundle.pool({ threads: 1, heapMb: 32, spare: false }),
        alone: bundle.pool({ threads: 1, bytesMb: 32, spare: false }),
      },
    },
  })
  system.on('failed', ({ offender, reason }) =>
    failed.push({ actor: offender, code: reason.code ?? reason.name }),
  )
})

afterAll(async () => {
  await system.stop()
  bundle.remove()
})

beforeEach(() => {
  failed = []
})

/** What neighbours are given, numbered for good, and what they have answered. */
let given = 0

/** Asks every neighbour some things at once. @returns what comes when all have answered */
function keepBusy(times: number): Promise<unknown[]> {
  const answers: Promise<unknown>[] = []
  for (let i = 0; i < times; i++)
    for (let n = 0; n < NEIGHBOURS; n++) answers.push(asked(system, `/root/n${n}`, 'add', ++given))
  return Promise.all(answers)
}

/** Has an actor do something that ends its thread, between others that are busy there. */
async function endThread(path: string, type: string, payload?: unknown): Promise<unknown> {
  const before = keepBusy(20)
  const end = asked(system, path, type, payload)
  const after = keepBusy(20)
  const answers = [...(await before), ...(await after)]
  expect(answers.filter((answer) => 'error' in (answer as object))).toEqual([])
  return end
}

async function expectNothingLost(): Promise<void> {
  const seen: number[] = []
  for (let n = 0; n < NEIGHBOURS; n++)
    seen.push(...((await system.ref(`/root/n${n}`).ask('seen')) as number[]))
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: given }, (_, i) => i + 1))
  expect(failed.filter(({ actor }) => actor.startsWith('/root/n'))).toEqual([])
}

describe('A thread ends, and only who did it fails, of', () => {
  it.each([
    ['F-45 R14 an endless loop, at its deadline', 'loop', undefined, 'HF_THREAD_DEADLINE'],
    ['R14 a catastrophic regular expression', 'regex', `${'a'.repeat(40)}!`, 'HF_THREAD_DEADLINE'],
    ['a loop that looks at its signal, and ends of that', 'heeds', undefined, 'HF_THREAD_DEADLINE'],
    ['F-48 process.exit', 'exit', 3, 'HF_THREAD_EXIT'],
    ['F-48 process.exit as if all were well', 'exit', 0, 'HF_THREAD_EXIT'],
  ])('%s', async (_name, type, payload, code) => {
    await keepBusy(1)
    const beganMs = performance.now()
    expect(await endThread('/root/culprit', type, payload)).toEqual({ error: code })
    expect(performance.now() - beganMs).toBeLessThan(400 + 1_000)
    expect(failed).toEqual([{ actor: '/root/culprit', code }])
    expect(await asked(system, '/root/culprit', 'add', 0)).toMatchObject({ ok: NUMBER })
    await expectNothingLost()
  })

  it.each([
    ['F-46 R13 a heap that is used up', '/root/small', 'heap', undefined],
    ['R13 texts without end', '/root/small', 'text', undefined],
    ['R13 S-26 more ArrayBuffers than its pool allows', '/root/alone', 'buffers', 100],
  ])('%s', async (_name, path, type, payload) => {
    await asked(system, path, 'add', 5)
    expect(await endThread(path, type, payload)).toEqual({ error: 'HF_THREAD_MEMORY' })
    expect(failed).toEqual([{ actor: path, code: 'HF_THREAD_MEMORY' }])
    expect(await asked(system, path, 'add', 0)).toMatchObject({ ok: NUMBER })
    await expectNothingLost()
  })

  it.skipIf(!looksInside())('R13 S-26 ArrayBuffers that are taken without end in one turn', async () => {
    expect(await endThread('/root/alone', 'buffersForEver')).toEqual({ error: 'HF_THREAD_MEMORY' })
    await expectNothingLost()
  })

  it.each([
    ['an error in a timer', 'later', 'throw', 'HF_THREAD_CRASH'],
    ['a text that is thrown in a timer', 'later', 'text', 'HF_THREAD_CRASH'],
    ['process.exit in a timer', 'later', 'exit', 'HF_THREAD_EXIT'],
    ['a promise that nobody catches', 'rejects', undefined, 'HF_THREAD_CRASH'],
    ['an error in an event listener', 'listener', undefined, 'HF_THREAD_CRASH'],
  ])('R15 %s, when its turn may be over', async (_name, type, payload, code) => {
    await keepBusy(1)
    expect(await endThread('/root/careless', type, payload)).toBeDefined()
    await expect.poll(() => failed, { timeout: 5_000 }).not.toEqual([])
    expect(failed).toEqual([{ actor: '/root/careless', code }])
    expect(await asked(system, '/root/careless', 'add', 1)).toMatchObject({ ok: NUMBER })
    await expectNothingLost()
  })
})

describe('A thread lives on, and the actor fails, of', () => {
  it.each([
    ['R13 deep recursion', 'deep', undefined, 'RangeError'],
    ['R13 a text that is too long', 'huge', undefined, 'RangeError'],
    ['R15 undefined that is thrown', 'throws', 'undefined', 'Thrown'],
    ['R15 a text that is thrown', 'throws', 'text', 'Thrown'],
    ['R15 a frozen object that is thrown', 'throws', 'frozen', 'Error'],
    ['R15 a revoked proxy that is thrown', 'throws', 'proxy', 'Thrown'],
    ['R15 a getter that throws as its answer is written', 'getter', undefined, 'RangeError'],
    ['F-50 an answer that cannot be stored', 'uncloneable', undefined, 'HF_NOT_STORABLE'],
  ])('%s, in a thread and on the main thread', async (_name, type, payload, code) => {
    await asked(system, '/root/culprit', 'add', 0)
    const threads = (): readonly number[] =>
      system.threads.stats().pools.flatMap(({ threads: of }) => of.map(({ thread }) => thread))
    const before = threads()
    expect(await endThread('/root/culprit', type, payload)).toEqual({ error: code })
    expect(await asked(system, '/root/local', type, payload)).toEqual({ error: code })
    expect(failed.map(({ actor }) => actor)).toEqual(['/root/culprit', '/root/local'])
    expect(threads()).toEqual(before)
    await expectNothingLost()
  })
})

describe('Beside a thread that ends', () => {
  it('F-50 a message that cannot be sent is refused where it is sent, and the actor goes on', async () => {
    await asked(system, '/root/culprit', 'add', 0)
    expect(() => system.ref('/root/culprit').tell('add', () => 1)).toThrow(/cannot keep/)
    expect(await asked(system, '/root/culprit', 'add', () => 1)).toEqual({
      error: 'HF_NOT_STORABLE',
    })
    expect(await asked(system, '/root/culprit', 'add', 0)).toMatchObject({ ok: NUMBER })
    expect(failed).toEqual([])
  })

  it('a turn that waits goes on elsewhere with what it had got, and is not charged', async () => {
    const count = await system.ref('/root/n0').ask('add', ++given)
    const waits = asked(system, '/root/n0', 'waits', ++given)
    // Its message has left the mailbox, so the turn is under way.
    await expect.poll(() => system.inspect('/root/n0').mailbox, { interval: 5 }).toBe(0)
    await asked(system, '/root/culprit', 'exit', 1)
    expect(await waits).toEqual({ ok: (count as number) + 1 })
    expect(failed).toEqual([{ actor: '/root/culprit', code: 'HF_THREAD_EXIT' }])
    await expectNothingLost()
  })

  it('nobody is charged for one that is ended from outside', async () => {
    await keepBusy(1)
    const busy = keepBusy(50)
    const { pools } = system.threads.stats()
    for (const { threads } of pools)
      for (const { thread } of threads) expect(system.threads.end(thread)).toBe(true)
    expect((await busy).filter((answer) => 'error' in (answer as object))).toEqual([])
    expect(failed).toEqual([])
    expect(system.threads.end(-1)).toBe(false)
    await expectNothingLost()
  })

  it('threads are replaced one by one while they work', async () => {
    await keepBusy(1)
    const busy = keepBusy(50)
    const threads = (): number[] =>
      system.threads.stats().pools.flatMap(({ threads: of }) => of.map(({ thread }) => thread))
    const before = new Set(threads())
    await system.threads.renew()
    expect(threads().filter((thread) => before.has(thread))).toEqual([])
    expect((await busy).filter((answer) => 'error' in (answer as object))).toEqual([])
    expect(failed).toEqual([])
    await expectNothingLost()
  })
})

describe('S-25 A thread', () => {
  it('has the environment that its pool gives it, and nothing else', async () => {
    process.env['HOLDFAST_SECRET'] = 'hidden'
    expect(await asked(system, '/root/culprit', 'env')).toEqual({ ok: {} })
    delete process.env['HOLDFAST_SECRET']
  })
})

/** Whether this Node lets one thread look at the memory of another. */
function looksInside(): boolean {
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major! > 22 || (major === 22 && minor! >= 16)
}
