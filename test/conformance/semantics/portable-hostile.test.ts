// A file of a few actors may come from anybody. Whatever is wrong with it, it is refused with a code before anybody can go on
// from it, and nothing is left of it.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HoldfastError } from 'holdfast'
import { dumpActors, load } from 'holdfast/data'
import { verifyStore } from '@holdfast/journal'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aDay, ANA, branch, Branch, shop, withJournal } from './portable-shop.js'

type Json = Record<string, unknown>

let home: string
let lines: string[]
let frames: Buffer

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-hostile-'))
  const data = join(home, 'data')
  await aDay(data)
  const taken = { data, actors: [ANA, '/shop/carts'], swarm: { root: shop }, nowMs: 0 }
  await dumpActors({ ...taken, file: join(home, 'lines'), form: 'lines' })
  await dumpActors({ ...taken, file: join(home, 'frames') })
  lines = readFileSync(join(home, 'lines'), 'utf8').trimEnd().split('\n')
  frames = readFileSync(join(home, 'frames'))
})

afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})

let run = 0

/** Loads what was made of the file. @returns the error, and what is left beside it */
async function loaded(bytes: string | Buffer): Promise<{ error: unknown; to: string; left: string[] }> {
  const place = mkdtempSync(join(home, `run-${run++}-`))
  const file = join(place, 'hostile')
  const to = join(place, 'to')
  writeFileSync(file, bytes)
  const error: unknown = await load({ file, to }).then(
    () => undefined,
    (failure: unknown) => failure,
  )
  return { error, to, left: readdirSync(place).filter((name) => name !== 'hostile') }
}

type Change = (entries: Json[]) => Json[] | undefined

/** The entries, as somebody has changed them. */
function changed(change: Change): string {
  const entries = lines.map((line) => JSON.parse(line) as Json)
  const made = change(entries) ?? entries
  return `${made.map((entry) => JSON.stringify(entry)).join('\n')}\n`
}

const the =
  (is: string, n = 0) =>
  (entries: readonly Json[]): Json =>
    entries.filter((entry) => entry['is'] === is)[n]!
const header = (entries: readonly Json[]): Json => entries[0]!
const end = (entries: readonly Json[]): Json => entries.at(-1)!
const ana = (entries: readonly Json[]): Json =>
  entries.find((entry) => JSON.stringify(entry).includes('"name":"ana"'))!

/** Has something stand at a place of an entry: the place is a way through its fields. */
function set(which: (entries: readonly Json[]) => Json, way: string, value: unknown): Change {
  return alter(which, way, () => value)
}

function alter(
  which: (entries: readonly Json[]) => Json,
  way: string,
  made: (before: unknown) => unknown,
): Change {
  return (entries) => {
    const names = way.split('.')
    let at = which(entries)
    for (const name of names.slice(0, -1)) at = at[name] as Json
    at[names.at(-1)!] = made(at[names.at(-1)!])
    return undefined
  }
}

const more = (count: unknown): number => Number(count) + 1
const list = (made: (list: unknown[]) => unknown[]) => (before: unknown) => made([...(before as unknown[])])
const without =
  (which: (entries: readonly Json[]) => Json): Change =>
  (all) =>
    all.filter((each) => each !== which(all))
const withoutAll =
  (...kinds: readonly unknown[]): Change =>
  (all) =>
    all.filter(({ is }) => !kinds.includes(is))
const twice =
  (kind: string): Change =>
  (all) =>
    all.flatMap((each) => (each['is'] === kind ? [each, each] : [each]))
const swapped: Change = (all) => {
  const [first, second] = [all.indexOf(the('actor')(all)), all.indexOf(the('actor', 1)(all))]
  return all.map((each, i) => (i === first ? all[second]! : i === second ? all[first]! : each))
}

const CHANGES: readonly (readonly [string, Change])[] = [
  ['has no header', (all) => all.slice(1)],
  ['has another schema', set(header, 'schema', 'holdfast.actors/2')],
  ['says that it is a whole system', set(header, 'schema', 'holdfast.dump/1')],
  ['has a position that is none', set(header, 'position', 1e300)],
  ['has an earlier position', set(header, 'position', 50)],
  ['has a field that nobody knows', set(header, 'more', 1)],
  ['has no end', (all) => all.slice(0, -1)],
  ['has something behind its end', (all) => [...all, end(all)]],
  ['counts more states', alter(end, 'states', more)],
  ['has lost a state', without(the('state'))],
  ['has a state of nobody', set(the('state'), 'actor', 77)],
  ['has a state of the system', set(the('state'), 'actor', 0)],
  ['has two states of one', twice('state')],
  ['has a state of another turn', alter(the('state'), 'turns', more)],
  ['has no actors', withoutAll('actor', 'state')],
  ['has an actor without its parent', without(the('actor', 1))],
  ['has an actor that is its own parent', set(ana, 'value.born.parent', 5)],
  ['has a child before its parent', swapped],
  ['has two roots', set(ana, 'value.born.parent', 0)],
  ['has one id twice', set(ana, 'value.id', 2)],
  ['has an id that was never given', set(ana, 'value.id', 1_000)],
  ['has a name with a slash', set(ana, 'value.born.name', 'ana/../bob')],
  ['has a restart that is none', set(ana, 'value.born.restart', 'always')],
  ['has an actor with a subject', set(ana, 'value.born.belongs', 'x')],
  ['has a turn that waits', set(ana, 'value.life.rerun', { message: 53 })],
  ['has a decision', set(ana, 'value.life.unfinished', {})],
  ['has a life with a field that nobody knows', set(ana, 'value.life.toString', 1)],
  ['has a flag that is none', set(ana, 'value.life.isPaused', 'yes')],
  ['has a timer that is none', set(ana, 'value.life.timers.0.dueMs', -1)],
  ['has a timer at the end of time', set(ana, 'value.life.timers.0.dueMs', 1e300)],
  ['has a timer twice', set(ana, 'value.life.timers.1.key', 't5000')],
  [
    'has mail that is not there',
    alter(
      ana,
      'value.life.pending',
      list((mail) => [...mail, 58]),
    ),
  ],
  [
    'has mail out of order',
    alter(
      ana,
      'value.life.pending',
      list((mail) => mail.reverse()),
    ),
  ],
  [
    'has one message twice',
    alter(
      ana,
      'value.life.pending',
      list((mail) => [38, ...mail]),
    ),
  ],
  ['has mail of somebody else', set(the('message', 2), 'actor', 7)],
  [
    'has a message for nobody',
    alter(
      ana,
      'value.life.pending',
      list((mail) => mail.slice(1)),
    ),
  ],
  ['has put something aside that nobody counted', set(ana, 'value.life.stash.handled', [])],
  ['watches one that is not there', set(ana, 'value.life.watching', [[500, 'gone']])],
  ['depends on itself', set(ana, 'value.life.dependsOn', [5])],
  ['has a parked message that has not failed', withoutAll('failed')],
  ['has parked what waits', set(the('system'), 'value.parked.0.position', 53)],
  ['has a failure with a subject', set(the('failed'), 'value.error.subject', 'x')],
  ['has keys of nobody', set(the('keys'), 'value.home', 99)],
  ['has keys without ids', set(the('keys'), 'value.ids', [8])],
  ['has one id for two keys', set(the('keys'), 'value.ids', [8, 8])],
  ['has two systems', twice('system')],
  ['has no system', withoutAll('system')],
  ['has a system of a later engine', set(the('system'), 'value.opened.data.engine', 4_000_000)],
  ['has keys of subjects', set(the('system'), 'value.opened.data.subjects', 'x')],
  ['has what was noted of turns', set(the('system'), 'value.noted', [[1, {}]])],
  ['has time that goes back', set(the('message', 1), 'timeMs', 1)],
  ['has records out of order', set(the('message'), 'position', 40)],
  ['has a record ahead of it', set(the('message', 6), 'position', 59)],
  ['has one name for two', set(the('message', 4), 'correlationName', 'visit 1')],
  ['has a name in the middle', set(the('message', 6), 'correlationName', 'visit 9')],
  ['has a name with a content', set(the('message', 1), 'value', 'first')],
  ['has a message with a field that nobody knows', set(the('message'), 'subject', 'x')],
  ['refers to nowhere', set(the('state'), 'value.knows', { $ref: 'nowhere' })],
  ['holds what is no value', set(the('state'), 'value.knows', { $error: 7 })],
  ['has a record of the log', (all) => [header(all), { is: 'turn' }, ...all.slice(1)]],
]

const polluted = (text: string): string => text.replace('"life":{', '"life":{"__proto__":{"isPaused":true},')

describe('a hostile file of a few actors', () => {
  it('is right before it is changed, in this test', async () => {
    const { error, to, left } = await loaded(changed(() => undefined))
    expect([error, left]).toEqual([undefined, ['to']])
    await using day = await Branch.open(to, branch)
    expect(day.system.inspect(ANA).stashed).toBe(2)
  })

  it.each(CHANGES)('that %s is refused, and leaves nothing', async (_, change) => {
    const { error, left } = await loaded(changed(change))
    expect(error).toBeInstanceOf(HoldfastError)
    const { code } = error as HoldfastError
    expect([code === 'HF_FILE_DAMAGED' || code === 'HF_STORE_NEWER', left]).toEqual([true, []])
  })

  it('that would change what all objects have is refused', async () => {
    const { error, left } = await loaded(polluted(changed(() => undefined)))
    expect(error).toMatchObject({ code: 'HF_FILE_DAMAGED' })
    expect([left, ({} as Json)['isPaused']]).toEqual([[], undefined])
  })

  it('that is nested deeper than any value is refused', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const text = changed(set(the('state'), 'value.knows', 'DEEP')).replace('"DEEP"', deep)
    const { error, left } = await loaded(text)
    expect(error).toBeInstanceOf(HoldfastError)
    expect(left).toEqual([])
  })

  it('that was cut or changed anywhere is refused with a code, or nobody is worse off, and leaves nothing', async () => {
    const text = Buffer.from(`${lines.join('\n')}\n`)
    const changes = fc.record({
      isLines: fc.boolean(),
      at: fc.nat(),
      bit: fc.nat(7),
      isCut: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(changes, async ({ isLines, at, bit, isCut }) => {
        const bytes = isLines ? text : frames
        const place = at % bytes.byteLength
        const made = isCut ? bytes.subarray(0, place) : Buffer.from(bytes)
        if (!isCut) made[place] = made[place]! ^ (1 << bit)
        await refusedOrSound(made)
      }),
      { numRuns: 60 },
    )
  })

  it('whose fields are others is refused with a code, or a system comes back from it, and leaves nothing', async () => {
    const odd = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        -1,
        0,
        1,
        2.5,
        1e308,
        2 ** 53,
        '',
        'x',
        '__proto__',
        [],
        {},
        true,
        false,
      ),
      fc.jsonValue({ maxDepth: 2 }),
    )
    const changes = fc.array(fc.record({ line: fc.nat(), way: fc.array(fc.nat(), { maxLength: 8 }), odd }), {
      minLength: 1,
      maxLength: 3,
    })
    let refused = 0
    await fc.assert(
      fc.asyncProperty(changes, async (all) => {
        const text = changed((entries) => {
          for (const { line, way, odd: value } of all) put(entries[line % entries.length]!, way, value)
          return undefined
        })
        if ((await refusedOrSound(text)) === 'refused') refused++
      }),
      { numRuns: 150 },
    )
    expect(refused).toBeGreaterThan(50)
  })
})

// Walks down into an entry, and puts something else where the way ends.
function put(entry: Json, way: readonly number[], value: unknown): void {
  let at = entry
  for (const step of way) {
    const names = Object.keys(at)
    if (names.length === 0) return
    const name = names[step % names.length]!
    const next: unknown = at[name]
    if (typeof next === 'object' && next !== null && step !== way.at(-1)) at = next as Json
    else {
      at[name] = value
      return
    }
  }
}

/** What is not refused is a sound store, and a system starts on it. */
async function refusedOrSound(bytes: string | Buffer): Promise<'refused' | 'sound'> {
  const { error, to, left } = await loaded(bytes)
  if (error !== undefined) {
    expect([error instanceof HoldfastError, left]).toEqual([true, []])
    return 'refused'
  }
  expect(existsSync(to)).toBe(true)
  expect(await withJournal(to, (_, store) => verifyStore(store).findings)).toEqual([])
  const started = await Branch.open(to, branch).then(
    async (day) => {
      await day[Symbol.asyncDispose]()
      return undefined
    },
    (failure: unknown) => failure,
  )
  if (started !== undefined) {
    expect(started).toBeInstanceOf(HoldfastError)
    expect((started as HoldfastError).code).not.toBe('HF_INVARIANT')
  }
  return 'sound'
}
