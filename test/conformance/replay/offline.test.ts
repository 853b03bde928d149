// An incident that was exported replays elsewhere: in other processes, without the world that it happened in, and with
// other code it says where that parts from the record.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { actor, child, createSystem, supervisor, type SupervisorDefinition } from 'holdfast'
import { exportIncident, openIncident, play, replay, sealProcess, type Incident } from 'holdfast/replay'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const name = 'question-1'
let dir: string
let file: string
let asked = 0

/** What the code of the swarm does otherwise. */
interface Change {
  readonly title?: string
  readonly rate?: number
}

interface Outcome {
  answer: string
  at: number
  luck: number
}

/** A desk asks a model, through an effect, and has the clerk file what it said. */
function desk({ title = 'said', rate = 2 }: Change = {}): { readonly root: SupervisorDefinition } {
  const clerk = actor({
    name: 'clerk',
    digestEvery: 1,
    state: () => ({ filed: [] as string[] }),
    on: {
      file(ctx, { text }: { text: string }) {
        ctx.state.filed.push(text)
        return ctx.state.filed.length
      },
    },
  })
  const till = actor({
    name: 'till',
    digestEvery: 1,
    state: () => ({ due: 0 }),
    on: { charge: (ctx, { words }: { words: number }) => (ctx.state.due += words * rate) },
  })
  const agent = actor({
    name: 'agent',
    digestEvery: 1,
    state: () => ({ outcomes: [] as Outcome[] }),
    on: {
      async answer(ctx, { question }: { question: string }) {
        const model = (): Promise<string> => Promise.resolve(`${question}? ${++asked}`)
        const answer = await ctx.effect('model', model)
        await ctx.ask(ctx.ref(till, '/desk/till'), 'charge', { words: answer.length })
        ctx.state.outcomes.push({ answer, at: ctx.now(), luck: ctx.random() })
        ctx.tell(ctx.ref(clerk, '/desk/clerk'), 'file', { text: `${title} ${answer}` })
        return answer
      },
    },
  })
  return { root: supervisor({ name: 'desk', children: [child(clerk), child(till), child(agent)] }) }
}

beforeAll(() => {
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc')
  const built = spawnSync(process.execPath, [tsc, '-b', 'apps/cli'], { cwd: repository, encoding: 'utf8' })
  expect(built.stdout).toBe('')
}, 240_000)

beforeEach(async () => {
  asked = 0
  dir = mkdtempSync(join(tmpdir(), 'holdfast-offline-'))
  file = join(dir, 'question.hfi')
  const system = await createSystem({ name: 'desk', data: join(dir, 'data'), ...desk() })
  const agent = system.ref('/desk/agent')
  for (let i = 0; i < 3; i++)
    await agent.ask('answer', { question: `why ${i}` }, { correlation: `question-${i}` })
  await system.flushed()
  await system.stop()
  await using incident = await openIncident({ data: join(dir, 'data'), correlation: name })
  await exportIncident(incident, { file })
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

/** The states of all actors after each turn, as a replay comes by them. */
async function states(incident: Incident, change: Change = {}): Promise<string[]> {
  const player = play(incident, { swarm: desk(change) })
  const found: string[] = []
  for (let turn = await player.next(); turn !== undefined; turn = await player.next())
    found.push(`${turn.position} ${JSON.stringify(player.state(turn.actor)) ?? ''}`)
  return found
}

describe('An incident over several actors', () => {
  it('J-40 replays by its correlation in the order of causes, does no effect again, and names the first difference', async () => {
    await using incident = await openIncident({ file })
    const { turns, divergences } = await replay(incident, { swarm: desk() })
    const own = turns.filter(({ isContext }) => !isContext)
    // The till has answered before the agent goes on, and the clerk is told when the turn of the agent has ended.
    expect(own.map(({ actor: path }) => path)).toEqual(['/desk/till', '/desk/agent', '/desk/clerk'])
    expect(own.every(({ message, position }) => message < position)).toBe(true)
    expect(divergences).toEqual([])
    expect(asked).toBe(3)
    const { firstCause } = await replay(incident, { swarm: desk({ rate: 3 }) })
    expect(firstCause).toMatchObject({
      actor: '/desk/till',
      message: 'charge',
      subject: 'answer',
      because: 0,
    })
    expect(asked).toBe(3)
  })

  it('I-36 replayed on a changed handler is reported with the first difference, and never just ends elsewhere', async () => {
    await using incident = await openIncident({ file })
    const { identical, firstCause } = await replay(incident, { swarm: desk({ title: 'wrote' }) })
    expect(identical).toBe(false)
    expect(firstCause).toMatchObject({ actor: '/desk/agent', kind: 'payload', subject: 'tell' })
  })

  it('I-36 of which one record was modified is refused, and not replayed', async () => {
    const bytes = readFileSync(file)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(file, bytes)
    await expect(openIncident({ file })).rejects.toMatchObject({ code: 'HF_FILE_DAMAGED' })
  })

  it('F-62 replayed on changed code names the first step that differs, with both values', async () => {
    await using incident = await openIncident({ file })
    const { firstCause } = await replay(incident, { swarm: desk({ title: 'wrote' }) })
    const own = (await replay(incident, { swarm: desk() })).turns.find(
      ({ actor: path }) => path === '/desk/agent',
    )
    expect(firstCause?.position).toBe(own?.position)
    expect(firstCause).toMatchObject({
      recorded: { value: { text: expect.stringMatching(/^said /) as string } },
      replayed: { value: { text: expect.stringMatching(/^wrote /) as string } },
    })
  })
})

describe('A replay in a sealed process', () => {
  it('I-35 F-61 writes nothing, reaches for no network, and comes to the same digests', async () => {
    await using incident = await openIncident({ file })
    const before = [...readFileSync(file)]
    using _seal = sealProcess()
    const { identical, counts } = await replay(incident, { swarm: desk() })
    expect(identical).toBe(true)
    expect(counts.digests).toBeGreaterThan(0)
    expect(counts.digests).toBe(counts.turns)
    expect([...readFileSync(file)]).toEqual(before)
    expect(asked).toBe(3)
  })
})

describe('A replay in several processes', () => {
  it('I-34 comes to the same sequence of states in each of them, and in this one', async () => {
    await using incident = await openIncident({ file })
    const here = await states(incident)
    expect(here.length).toBeGreaterThan(3)
    symlinkSync(join(repository, 'node_modules'), join(dir, 'node_modules'))
    writeFileSync(join(dir, 'desk.mjs'), DESK)
    const there = (): unknown => {
      const run = spawnSync(process.execPath, ['desk.mjs', file], {
        cwd: dir,
        encoding: 'utf8',
        timeout: 60_000,
      })
      expect(run.stderr).toBe('')
      return JSON.parse(run.stdout)
    }
    expect(there()).toEqual(here)
    expect(there()).toEqual(here)
  })
})

// The same swarm in JavaScript: a process of its own knows nothing of how this test is run.
const DESK = `
import { actor, child, supervisor } from 'holdfast'
import { openIncident, play } from 'holdfast/replay'
const clerk = actor({ name: 'clerk', digestEvery: 1, state: () => ({ filed: [] }), on: {
  file(ctx, { text }) { ctx.state.filed.push(text); return ctx.state.filed.length },
} })
const till = actor({ name: 'till', digestEvery: 1, state: () => ({ due: 0 }), on: {
  charge: (ctx, { words }) => (ctx.state.due += words * 2),
} })
const agent = actor({ name: 'agent', digestEvery: 1, state: () => ({ outcomes: [] }), on: {
  async answer(ctx, { question }) {
    const answer = await ctx.effect('model', () => { throw new Error('a replay has no model') })
    await ctx.ask(ctx.ref('/desk/till'), 'charge', { words: answer.length })
    ctx.state.outcomes.push({ answer, at: ctx.now(), luck: ctx.random() })
    ctx.tell(ctx.ref('/desk/clerk'), 'file', { text: 'said ' + answer })
    return answer
  },
} })
const root = supervisor({ name: 'desk', children: [child(clerk), child(till), child(agent)] })
const incident = await openIncident({ file: process.argv[2] })
const player = play(incident, { swarm: { root } })
const found = []
for (let turn = await player.next(); turn !== undefined; turn = await player.next())
  found.push(turn.position + ' ' + (JSON.stringify(player.state(turn.actor)) ?? ''))
if (!player.report().identical) throw new Error('it is not identical')
console.log(JSON.stringify(found))
`
