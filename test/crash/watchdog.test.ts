// R14, the main thread: a handler that never ends, an expression that never matches, a call that waits for the operating
// system. The watchdog finds it, names the actor and the message, and ends the process; the next start does not do it again.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { openJournal } from '@holdfast/journal'
import { machineAuthorities, type LogRecord, type SystemEvents } from '@holdfast/kernel'
import { openIncident, replay, shrink, whatIf } from 'holdfast/replay'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Program, type Ending } from './process.js'
import { stalling } from './stalling.js'
import { verified } from './read-log.js'

const WATCHDOG = { stallMs: 100, endAfterMs: 500 }
/** How much longer than its limit it may take until a process is gone. */
const LATE_MS = 1_000

let dir: string
let programs: Program[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-watchdog-'))
  programs = []
})

afterEach(async () => {
  for (const program of programs) await program.kill()
  rmSync(dir, { recursive: true, force: true })
})

async function start(watchdog: object = WATCHDOG): Promise<Program> {
  const program = new Program('stalling', [dir, JSON.stringify(watchdog)])
  programs.push(program)
  await program.until('up')
  return program
}

type StallEvent = SystemEvents['loop-stalled']

async function stalled(program: Program): Promise<StallEvent> {
  return JSON.parse((await program.until('stalled ')).slice('stalled '.length)) as StallEvent
}

async function stop(program: Program): Promise<string[]> {
  program.say('stop')
  const lines = await program.rest()
  expect(lines.at(-1)).toBe('stopped')
  return lines
}

interface Report {
  readonly inHand: Record<string, unknown> | null
  readonly stack: string
  readonly stalledMs: number
}

function report(): Report {
  return JSON.parse(readFileSync(join(dir, 'stall.json'), 'utf8')) as Report
}

/** It is ended by nobody but its watchdog, in time. */
async function ended(program: Program): Promise<Ending> {
  const ending = await program.ended()
  expect(ending).toMatchObject({ code: null, signal: 'SIGKILL' })
  const { stalledMs } = report()
  expect(stalledMs).toBeLessThan(WATCHDOG.endAfterMs + LATE_MS)
  return ending
}

async function records(): Promise<LogRecord[]> {
  const journal = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
  try {
    return [...journal.read(1)]
  } finally {
    await journal.close()
  }
}

async function failures() {
  const failed = (await records()).filter((record) => record.kind === 'failed')
  return failed.map((record) => ({ ...record.data(), message: record.cause }))
}

/** Has `spinner` take a message that is on the disk when it is handled. */
async function spinDurably(program: Program, type: string): Promise<void> {
  for (let n = 1; n <= 100; n++) program.say(`tell /root/counter add {"n":${n}}`)
  program.say('tell /root/spinner add {"n":7}')
  program.say('tell /root/spinner hold')
  program.say(`tell /root/spinner ${type}`)
}

describe('R14 with a watchdog that ends the process', () => {
  it.each([
    ['a handler that never ends', 'spin', 'turnForEver'],
    ['an expression that never matches', 'match', 'RegExp.test'],
    ['a handler that never ends after it has waited', 'spinLater', 'turnForEver'],
    ['an effect that never ends', 'spinInEffect', 'turnForEver'],
  ])(
    '%s is named with actor, message and position, and its turn has failed at the next start',
    async (_what, type, frame) => {
      const first = await start()
      await spinDurably(first, type)
      const { complaints } = await ended(first)
      const { inHand, stack } = report()
      expect(inHand).toMatchObject({ actor: '/root/spinner', type, attempt: 1 })
      expect(stack).toContain(frame)
      const { position } = inHand as { position: number }
      expect(complaints).toContain(`In hand: /root/spinner, "${type}" at position ${position}`)

      const second = await start()
      const event = await stalled(second)
      const told = { actor: '/root/spinner', type, position, correlationId: String(position) }
      expect(event).toMatchObject({ ...told, ended: true, gaveUp: true })
      expect(event.stack).toContain(frame)
      second.say('ask /root/spinner add {"n":1}')
      expect(await second.until('answer')).toBe('answer 8')
      second.say('ask /root/counter add {"n":0}')
      expect(await second.until('answer')).toBe('answer 5050')
      await stop(second)
      expect(existsSync(join(dir, 'stall.json'))).toBe(false)

      expect(await failures()).toMatchObject([
        { message: position, context: 'message', parked: true, error: { code: 'HF_LOOP_STALLED' } },
      ])
      const decided = (await records()).filter(
        ({ kind, cause }) => kind === 'directive' && cause === position,
      )
      expect(decided.map((record) => record.kind === 'directive' && record.data())).toMatchObject([
        { directive: 'restart', offender: '/root/spinner', supervisor: '/root' },
      ])
      expect((await verified(dir)).ok).toBe(true)

      const incident = await openIncident({ data: dir, correlation: String(position) })
      const replayed = await replay(incident, { swarm: { root: stalling } })
      expect(replayed).toMatchObject({ identical: true, divergences: [] })
      expect(replayed.stalled).toMatchObject([{ actor: '/root/spinner', message: type }])
      await expect(shrink(incident, { swarm: { root: stalling } })).rejects.toMatchObject({
        code: 'HF_NOTHING_FAILED',
      })
      const other = await whatIf(incident, {
        swarm: { root: stalling },
        policy: { root: { strategy: 'all-for-one' } },
      })
      expect(other.control.failures).toMatchObject([{ error: { code: 'HF_LOOP_STALLED' } }])
      await incident.close()
    },
  )

  it('a handler that waits for the operating system is known by its number, and named by the next start', async () => {
    const first = await start()
    await spinDurably(first, 'block')
    const { complaints } = await ended(first)
    const { inHand } = report()
    expect(inHand).toMatchObject({ actor: '', type: '' })
    const { position } = inHand as { position: number }
    expect(complaints).toContain(`a message at position ${position}`)

    const second = await start()
    expect(await stalled(second)).toMatchObject({
      actor: '/root/spinner',
      type: 'block',
      position,
      ended: true,
      gaveUp: true,
    })
    second.say('ask /root/spinner add {"n":1}')
    expect(await second.until('answer')).toBe('answer 8')
    await stop(second)
  })

  it.each(['/root/spinner', '/root/loose'])(
    'a message to %s that was never on the disk, and comes again with what it came of, ends the process once more and never again',
    async (to) => {
      const first = await start()
      first.say('tell /root/source hold')
      first.say(`tell /root/source seed {"to":"${to}","type":"spin"}`)
      await ended(first)
      expect(report().inHand).toMatchObject({ actor: to, type: 'spin' })

      const second = new Program('stalling', [dir, JSON.stringify(WATCHDOG)])
      programs.push(second)
      expect(await stalled(second)).toMatchObject({ actor: to, type: 'spin', ended: true, gaveUp: false })
      await ended(second)

      const third = await start()
      const isDurable = to === '/root/spinner'
      expect(await stalled(third)).toMatchObject({ actor: to, type: 'spin', ended: true, gaveUp: isDurable })
      third.say('ask /root/counter add {"n":3}')
      expect(await third.until('answer')).toBe('answer 3')
      await stop(third)
      const failed = await failures()
      expect(failed.map(({ error }) => error.code)).toEqual(isDurable ? ['HF_LOOP_STALLED'] : [])
    },
  )

  it('whoever asked in a turn is told that the other one has failed', async () => {
    const first = await start()
    first.say('tell /root/spinner hold')
    first.say('tell /root/source asks {"to":"/root/spinner","type":"spin"}')
    await ended(first)
    const second = await start()
    expect(await stalled(second)).toMatchObject({ gaveUp: true })
    second.say('ask /root/source heard')
    expect(await second.until('answer')).toBe('answer "HF_ACTOR_FAILED"')
    await stop(second)
  })
})

describe('R14 with a watchdog that only tells', () => {
  it('a loop that goes on is told with the time that it stood still, and the process lives', async () => {
    const program = await start({ stallMs: 100 })
    program.say('tell /root/spinner blockShortly')
    const event = await stalled(program)
    expect(event).toMatchObject({
      actor: '/root/spinner',
      type: 'blockShortly',
      ended: false,
      gaveUp: false,
    })
    expect(event.stalledMs).toBeGreaterThanOrEqual(100)
    program.say('ask /root/counter add {"n":2}')
    expect(await program.until('answer')).toBe('answer 2')
    await stop(program)
  })
})

describe('what is no stall', () => {
  it('is a process that was stopped for longer than it has, and goes on', async () => {
    const program = await start()
    program.signal('SIGSTOP')
    await setTimeout(3 * WATCHDOG.endAfterMs)
    program.signal('SIGCONT')
    program.say('ask /root/counter add {"n":2}')
    expect(await program.until('answer')).toBe('answer 2')
    await stop(program)
  })

  it('is a loop that stands still while a debugger may be at work', async () => {
    const program = await start()
    program.say('debug')
    program.say('tell /root/spinner spinShortly')
    program.say('ask /root/spinner add {"n":2}')
    expect(await program.until('answer')).toBe('answer 2')
    const lines = await stop(program)
    expect(lines.filter((line) => line.startsWith('stalled'))).toEqual([])
  })
})

describe('a system that stops', () => {
  it('leaves no watchdog behind that keeps the process alive', async () => {
    const program = await start()
    await stop(program)
    expect(await program.ended()).toMatchObject({ code: 0, signal: null })
  })
})
