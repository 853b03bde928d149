// Tasks in a hostile order, against what stands for a thread: what comes too early, too late, twice or for somebody else.

import { actor, type Errand, type ErrandMessage, type StoredError } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { beforeEach, describe, expect, it } from 'vitest'
import { ParcelReader, ParcelWriter } from '../wire/bytes.js'
import { writeErrand } from '../wire/messages.js'
import type { Reply, Task } from '../wire/tasks.js'
import { ReadWork } from '../wire/turns.js'
import { newValues } from '../wire/values.fixture.js'
import type { Death } from './lane.js'
import { LocalPool } from './local-pool.js'

const counter = actor({
  name: 'counter',
  runsIn: 'thread',
  state: () => ({ n: 0 }),
  on: {
    add: (ctx, by: number) => (ctx.state.n += by),
    fail() {
      throw new RangeError('on purpose')
    },
    async rests(ctx, by: number) {
      const factor = await ctx.effect('factor', () => 10)
      ctx.state.n += by * factor
      return ctx.state.n
    },
    async holds(ctx) {
      await ctx.effect('hold', (signal) => new Promise((_, reject) => (signal.onabort = reject)))
    },
  },
})

const values = newValues()

let authorities: VirtualAuthorities
let pool: LocalPool
let serial = 0

beforeEach(() => {
  authorities = new VirtualAuthorities()
  pool = new LocalPool({ root: counter, authorities, values })
  serial = 0
})

function message(type: string, payload?: unknown): ErrandMessage {
  const at = { position: 10 + serial, attempt: 1, timeMs: 5, correlation: '10' }
  return { type, payload, ...at, sender: undefined, isAsked: true, patched: undefined }
}

/** Has the pool do something. @returns what it answers, in its order */
function submit(task: Partial<Task> & Pick<Task, 'kind'>): (Reply | Death)[] {
  const answers: (Reply | Death)[] = []
  const whole = { actor: 1, index: 0, inHand: new Int32Array(new SharedArrayBuffer(8)), serial, ...task }
  const job = { task: whole as Task, deadlineMs: 1_000, done: (reply: Reply | Death) => answers.push(reply) }
  if (task.kind === 'forget') pool.forget(job)
  else pool.submit(job)
  return answers
}

function run(state: { readonly n: number } | null, ...messages: ErrandMessage[]): (Reply | Death)[] {
  const writer = new ParcelWriter(values)
  writeErrand(writer, { state: state === null ? null : { value: state }, messages } as unknown as Errand)
  const where = { definition: 'counter', module: '', path: '/counter', parent: '/' }
  const how = { turns: 0, digestEvery: 0, isStateDue: false, count: messages.length, parcel: writer.end() }
  return submit({ kind: 'run', serial: ++serial, ...where, ...how })
}

function give(index: number, value: unknown, of = serial): (Reply | Death)[] {
  const writer = new ParcelWriter(values)
  writer.value(value)
  const what = { index, ok: true, timeMs: 9, serial: of, parcel: writer.end() }
  return submit({ kind: 'give', ...what })
}

/** What handlers did, as the other side reads it: outcome, and answer or error, of each turn. */
function worked([reply]: readonly (Reply | Death)[]): unknown[] {
  if (reply?.kind !== 'work') throw new Error(`no work: ${JSON.stringify(reply)}`)
  const work = new ReadWork(values, reply.work)
  return Array.from({ length: work.size }, () => {
    const { outcome, answer, error } = work.next()
    return [outcome, error?.name ?? answer]
  })
}

const LOST = [{ kind: 'lost' }]

describe('What stands for a thread', () => {
  it('answers each job once, in a step of its own', async () => {
    const answers = run({ n: 1 }, message('add', 2), message('add', 3))
    expect(answers).toEqual([])
    await authorities.settle()
    expect(worked(answers)).toEqual([
      ['done', 3],
      ['done', 6],
    ])
    const more = run(null, message('add', 1))
    await authorities.settle()
    expect([worked(more), answers.length]).toEqual([[['done', 7]], 1])
  })

  it('Y1 has lost the state of an actor that failed, and of one that was given up', async () => {
    const failed = run({ n: 1 }, message('add', 1), message('fail'), message('add', 1))
    await authorities.settle()
    expect(worked(failed)).toEqual([
      ['done', 2],
      ['failed', 'RangeError'],
    ])
    const after = run(null, message('add', 1))
    await authorities.settle()
    expect(after).toEqual(LOST)
    const anew = run({ n: 5 }, message('add', 1))
    await authorities.settle()
    expect(worked(anew)).toEqual([['done', 6]])
    expect(pool.houses(1)).toBe(true)
    submit({ kind: 'forget' })
    expect(pool.houses(1)).toBe(false)
    const forgotten = run(null, message('add', 1))
    await authorities.settle()
    expect(forgotten).toEqual(LOST)
  })

  it('has a turn wait, is given its results, and follows it to its end', async () => {
    const begun = run({ n: 1 }, message('rests', 2))
    await authorities.settle()
    expect(worked(begun)).toEqual([['waits', undefined]])
    const effect = submit({ kind: 'effect' })
    await authorities.settle()
    const { parcel } = effect[0] as Extract<Reply, { kind: 'value' }>
    expect(new ParcelReader(values, parcel).value()).toBe(10)
    const ended = submit({ kind: 'follow' })
    const given = give(0, 10)
    await authorities.settle()
    expect(given).toMatchObject([{ kind: 'value' }])
    expect(worked(ended)).toEqual([['done', 21]])
    const next = run(null, message('add', 1))
    await authorities.settle()
    expect(worked(next)).toEqual([['done', 22]])
  })

  it.each<[what: string, tasks: () => (Reply | Death)[]]>([
    ['a turn that nobody has begun, is followed', () => submit({ kind: 'follow' })],
    ['a result for nobody', () => give(0, 1)],
    ['an effect of nobody', () => submit({ kind: 'effect' })],
    ['an effect of nobody that is given up', () => submit({ kind: 'abort' })],
    ['messages for a state that is not there', () => run(null, message('add', 1))],
    ['an actor that nobody knows, is given up', () => submit({ kind: 'forget' })],
  ])('has lost what it never had: %s', async (_what, tasks) => {
    const answers = tasks()
    await authorities.settle()
    expect(answers).toEqual(LOST)
  })

  it('has lost what belongs to an errand before this one', async () => {
    run({ n: 1 }, message('rests', 2))
    const early = serial
    run({ n: 1 }, message('rests', 3))
    await authorities.settle()
    const late = [give(0, 1_000, early), submit({ kind: 'follow', serial: early })]
    await authorities.settle()
    expect(late).toEqual([LOST, LOST])
    const ended = submit({ kind: 'follow' })
    give(0, 10)
    await authorities.settle()
    expect(worked(ended)).toEqual([['done', 31]])
  })

  it('takes a result once, and none for a number that was not asked for', async () => {
    run({ n: 0 }, message('rests', 1))
    await authorities.settle()
    const ended = submit({ kind: 'follow' })
    give(7, 'for nobody')
    give(0, 2)
    give(0, 1_000)
    await authorities.settle()
    expect(worked(ended)).toEqual([['done', 2]])
  })

  it('has lost a turn that waits when its actor is given up, and ends its effect', async () => {
    run({ n: 0 }, message('holds'))
    await authorities.settle()
    const effect = submit({ kind: 'effect' })
    await authorities.settle()
    const followed = submit({ kind: 'follow' })
    await authorities.settle()
    submit({ kind: 'abort' })
    submit({ kind: 'forget' })
    await authorities.settle()
    expect(effect).toMatchObject([{ kind: 'error' }])
    const again = submit({ kind: 'follow' })
    await authorities.settle()
    expect(again).toEqual(LOST)
    expect(followed.filter(({ kind }) => kind !== 'lost')).toEqual([])
  })

  it('keeps the states of two actors apart, in whatever order they come', async () => {
    const all = [1, 2, 1, 2].map((of, i) => {
      const writer = new ParcelWriter(values)
      const state = i < 2 ? { value: { n: of * 100 } } : null
      writeErrand(writer, { state, messages: [message('add', 1)] } as unknown as Errand)
      const where = { definition: 'counter', module: '', path: `/c${of}`, parent: '/', actor: of }
      const how = { turns: 0, digestEvery: 0, isStateDue: false, count: 1, parcel: writer.end() }
      return submit({ kind: 'run', ...where, ...how })
    })
    await authorities.settle()
    expect(all.map((answers) => worked(answers))).toEqual([
      [['done', 101]],
      [['done', 201]],
      [['done', 102]],
      [['done', 202]],
    ])
  })

  it('says what is wrong with an errand for a definition that there is not', async () => {
    const writer = new ParcelWriter(values)
    writeErrand(writer, { state: { value: {} }, messages: [message('add', 1)] } as unknown as Errand)
    const where = { definition: 'nobody', module: '', path: '/nobody', parent: '/' }
    const how = { turns: 0, digestEvery: 0, isStateDue: false, count: 1, parcel: writer.end() }
    const answers = submit({ kind: 'run', ...where, ...how })
    await authorities.settle()
    expect(answers).toMatchObject([{ kind: 'error', error: { code: 'HF_DEFINITION_MISSING' } }])
  })

  it('answers nobody after it was closed, and has no threads', async () => {
    const answers = run({ n: 1 }, message('add', 2))
    await pool.close()
    await authorities.settle()
    expect([answers, pool.end(), pool.stats()]).toEqual([
      [],
      false,
      { threads: [], hasSpare: false, waiting: 0 },
    ])
    await pool.renew()
  })
})
