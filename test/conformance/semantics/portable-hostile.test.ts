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

type Json = Record<string, any>

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

/** The entries, as somebody has changed them. */
function changed(change: (entries: Json[]) => Json[] | void): string {
  const entries = lines.map((line) => JSON.parse(line) as Json)
  const made = change(entries) ?? entries
  return `${made.map((entry) => JSON.stringify(entry)).join('\n')}\n`
}

const of = (entries: Json[], is: string, n = 0): Json => entries.filter((entry) => entry['is'] === is)[n]!
const ana = (entries: Json[]): Json =>
  entries.find((entry) => entry['is'] === 'actor' && entry['value'].born.name === 'ana')!['value'] as Json
const polluted = (text: string): string => text.replace('"life":{', '"life":{"__proto__":{"isPaused":true},')

const CHANGES: readonly (readonly [string, (entries: Json[]) => Json[] | void])[] = [
  ['has no header', (all) => all.slice(1)],
  ['has another schema', (all) => void (all[0]!['schema'] = 'holdfast.actors/2')],
  ['says that it is a whole system', (all) => void (all[0]!['schema'] = 'holdfast.dump/1')],
  ['has a position that is none', (all) => void (all[0]!['position'] = 1e300)],
  ['has an earlier position', (all) => void (all[0]!['position'] = 50)],
  ['has a field that nobody knows', (all) => void (all[0]!['more'] = 1)],
  ['has no end', (all) => all.slice(0, -1)],
  ['has something behind its end', (all) => [...all, all.at(-1)!]],
  ['counts more states', (all) => void all.at(-1)!['states']++],
  ['has lost a state', (all) => all.filter((entry) => entry !== of(all, 'state'))],
  ['has a state of nobody', (all) => void (of(all, 'state')['actor'] = 77)],
  ['has a state of the system', (all) => void (of(all, 'state')['actor'] = 0)],
  ['has two states of one', (all) => all.flatMap((each) => (each['is'] === 'state' ? [each, each] : [each]))],
  ['has a state of another turn', (all) => void of(all, 'state')['turns']++],
  ['has no actors', (all) => all.filter(({ is }) => is !== 'actor' && is !== 'state')],
  ['has an actor without its parent', (all) => all.filter((each) => each !== of(all, 'actor', 1))],
  ['has an actor that is its own parent', (all) => void (ana(all)['born'].parent = ana(all)['id'])],
  [
    'has a child before its parent',
    (all) => {
      const [first, second] = [all.indexOf(of(all, 'actor')), all.indexOf(of(all, 'actor', 1))]
      ;[all[first], all[second]] = [all[second]!, all[first]!]
    },
  ],
  ['has two roots', (all) => void (ana(all)['born'].parent = 0)],
  ['has one id twice', (all) => void (ana(all)['id'] = 2)],
  ['has an id that was never given', (all) => void (ana(all)['id'] = 1_000)],
  ['has a name with a slash', (all) => void (ana(all)['born'].name = 'ana/../bob')],
  ['has a restart that is none', (all) => void (ana(all)['born'].restart = 'always')],
  ['has an actor with a subject', (all) => void (ana(all)['born'].belongs = 'x')],
  ['has a turn that waits', (all) => void (ana(all)['life'].rerun = { message: 53 })],
  ['has a decision', (all) => void (ana(all)['life'].unfinished = {})],
  ['has a life with a field that nobody knows', (all) => void (ana(all)['life'].toString = 1)],
  ['has a flag that is none', (all) => void (ana(all)['life'].isPaused = 'yes')],
  ['has a timer that is none', (all) => void (ana(all)['life'].timers[0].dueMs = -1)],
  ['has a timer at the end of time', (all) => void (ana(all)['life'].timers[0].dueMs = 1e300)],
  ['has a timer twice', (all) => void (ana(all)['life'].timers[1].key = 't5000')],
  ['has mail that is not there', (all) => void ana(all)['life'].pending.push(58)],
  ['has mail out of order', (all) => void ana(all)['life'].pending.reverse()],
  ['has one message twice', (all) => void ana(all)['life'].pending.unshift(38)],
  ['has mail of somebody else', (all) => void (of(all, 'message', 2)['actor'] = 7)],
  ['has a message for nobody', (all) => void ana(all)['life'].pending.shift()],
  ['has put something aside that nobody counted', (all) => void (ana(all)['life'].stash.handled = [])],
  ['watches one that is not there', (all) => void (ana(all)['life'].watching = [[500, 'gone']])],
  ['depends on itself', (all) => void (ana(all)['life'].dependsOn = [ana(all)['id']])],
  ['has a parked message that has not failed', (all) => all.filter(({ is }) => is !== 'failed')],
  ['has parked what waits', (all) => void (of(all, 'system')['value'].parked[0].position = 53)],
  ['has a failure with a subject', (all) => void (of(all, 'failed')['value'].error.subject = 'x')],
  ['has keys of nobody', (all) => void (of(all, 'keys')['value'].home = 99)],
  ['has keys without ids', (all) => void of(all, 'keys')['value'].ids.pop()],
  ['has one id for two keys', (all) => void (of(all, 'keys')['value'].ids = [8, 8])],
  ['has two systems', (all) => all.flatMap((each) => (each['is'] === 'system' ? [each, each] : [each]))],
  ['has no system', (all) => all.filter(({ is }) => is !== 'system')],
  [
    'has a system of a later engine',
    (all) => void (of(all, 'system')['value'].opened.data.engine = 4_000_000),
  ],
  ['has keys of subjects', (all) => void (of(all, 'system')['value'].opened.data.subjects = 'x')],
  ['has what was noted of turns', (all) => void (of(all, 'system')['value'].noted = [[1, {}]])],
  ['has time that goes back', (all) => void (of(all, 'message', 1)['timeMs'] = 1)],
  ['has records out of order', (all) => void (of(all, 'message', 0)['position'] = 40)],
  ['has a record ahead of it', (all) => void (of(all, 'message', 6)['position'] = 59)],
  ['has one name for two', (all) => void (of(all, 'message', 4)['correlationName'] = 'visit 1')],
  ['has a name in the middle', (all) => void (of(all, 'message', 6)['correlationName'] = 'visit 9')],
  ['has a name with a content', (all) => void (of(all, 'message', 1)['value'] = 'first')],
  ['has a message with a field that nobody knows', (all) => void (of(all, 'message')['subject'] = 'x')],
  ['refers to nowhere', (all) => void (of(all, 'state')['value'].knows = { $ref: 'nowhere' })],
  ['holds what is no value', (all) => void (of(all, 'state')['value'].knows = { $error: 7 })],
  ['has a record of the log', (all) => [all[0]!, { is: 'turn' }, ...all.slice(1)]],
]

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
    const text = changed((all) => void (of(all, 'state')['value'].knows = 'DEEP')).replace('"DEEP"', deep)
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
