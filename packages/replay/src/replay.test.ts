import {
  actor,
  child,
  dynamicSupervisor,
  HoldfastError,
  ignore,
  oneForOne,
  supervisor,
  System,
  task,
  type Definition,
  type SupervisorDefinition,
} from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { memoryJournal, type Journal } from '@holdfast/journal'
import { describe, expect, it } from 'vitest'
import { bank, Declined, recorded, replayed, run } from './bank.fixture.js'
import { Incident } from './incident.js'
import { replay } from './player.js'

/** A payment that fails over the limit, and is redriven once its actor was paused and resumed. */
async function redriven() {
  const authorities = new VirtualAuthorities()
  const journal = memoryJournal(authorities)
  const { system } = await run(journal, authorities, bank().root, [10, 500])
  const by = { by: 'ana' }
  const commands = [
    system.steer.pause('/bank/ledger', by),
    ...system.parked({ actor: '/bank/ledger' }).map(({ position }) => system.steer.redrive(position, by)),
    system.steer.resume('/bank/ledger', by),
  ]
  await authorities.settle()
  await Promise.all(commands)
  return journal
}

describe('replay with the same code', () => {
  it('is identical for an incident that crossed three actors with an ask, an effect and a tell', async () => {
    const { journal } = await recorded([10, 20, 30])
    const report = await replayed(journal, 'payment-1')
    expect(report.divergences).toEqual([])
    expect(report.identical).toBe(true)
    expect([...report.actors].sort()).toEqual(['/bank/clerk', '/bank/ledger', '/bank/teller'])
    expect(report.counts.digests).toBeGreaterThan(0)
  })

  it('marks the turns of other correlations on the same actors as context', async () => {
    const { journal } = await recorded([10, 20])
    const { turns } = await replayed(journal, 'payment-1')
    expect(turns.filter((turn) => !turn.isContext).map((turn) => turn.kind)).toEqual(['take', 'pay', 'note'])
    expect(turns.filter((turn) => turn.isContext).map((turn) => turn.kind)).toEqual(['take', 'pay', 'note'])
  })

  it('is identical for an incident that failed, and gives the failure again', async () => {
    const { journal, failures } = await recorded([10, 500, 20])
    expect(failures).toHaveLength(1)
    const report = await replayed(journal, 'payment-1')
    expect(report.identical).toBe(true)
    const failed = report.turns.filter((turn) => !turn.replayed.ok)
    expect(failed.map((turn) => [turn.actor, turn.kind])).toEqual([
      ['/bank/ledger', 'take'],
      ['/bank/teller', 'pay'],
    ])
  })

  it('is identical for an incident in which turns were given up while they waited', async () => {
    const hanging = actor({
      name: 'hanging',
      turnTimeoutMs: 500,
      onFailure: { default: 'resume' },
      state: () => ({ n: 0 }),
      on: {
        promise(ctx) {
          ctx.state.n++
          return new Promise(() => undefined)
        },
        effect: (ctx) => ctx.effect('hang', () => new Promise(() => undefined)),
        async both(ctx) {
          ctx.state.n += await ctx.effect('look', () => 1)
          await new Promise(() => undefined)
        },
        add: (ctx) => ++ctx.state.n,
      },
    })
    const root = supervisor({ name: 'root', children: [child(hanging)] })
    const authorities = new VirtualAuthorities()
    const journal = memoryJournal(authorities)
    const starting = System.start({ name: 'hanging', root, log: journal, authorities })
    await authorities.settle()
    const system = await starting
    for (const type of ['promise', 'effect', 'both', 'add'])
      system.ref('/root/hanging').tell(type, undefined, { correlation: 'stuck' })
    await authorities.advance(2_000)
    const stopping = system.stop()
    await authorities.settle()
    await stopping
    const { divergences, turns } = await replay(new Incident(journal, 'stuck'), { swarm: { root } })
    expect(divergences).toEqual([])
    expect(turns.map(({ kind, replayed: { ok } }) => `${kind} ${ok}`)).toEqual([
      'promise false',
      'effect false',
      'both false',
      'add true',
    ])
    expect(turns.at(-1)?.replayed).toEqual({ ok: true, answer: 1 })
  })

  it('is identical for an incident that was steered: a redriven message is a turn of its own', async () => {
    const journal = await redriven()
    const report = await replayed(journal, 'payment-1')
    expect(report.divergences).toEqual([])
    const ledger = report.turns.filter((turn) => !turn.isContext && turn.actor === '/bank/ledger')
    expect(ledger.map((turn) => [turn.kind, turn.replayed.ok])).toEqual([
      ['take', false],
      ['take', false],
    ])
    const changed = await replayed(journal, 'payment-1', { limit: 1_000 })
    expect(changed.turns.filter((turn) => turn.actor === '/bank/ledger' && turn.replayed.ok)).toHaveLength(3)
  })

  it('does no effect again and leaves the log as it was (Z1, Z2)', async () => {
    const { journal } = await recorded([10])
    const before = [...journal.read(1)].length
    const swarm = bank({})
    const report = await replay(new Incident(journal, 'payment-0'), { swarm })
    expect(report.identical).toBe(true)
    expect([...journal.read(1)].length).toBe(before)
  })
})

describe('replay against other code', () => {
  it('names a state that comes out different, and where it spreads', async () => {
    const { journal } = await recorded([10])
    const { divergences, identical } = await replayed(journal, 'payment-0', { fee: 1 })
    expect(identical).toBe(false)
    expect(divergences[0]).toMatchObject({
      actor: '/bank/ledger',
      message: 'take',
      kind: 'payload',
      subject: 'answer',
    })
    expect(divergences.map((each) => each.kind)).toContain('state')
  })

  it('names a turn that now fails, and does not stop there', async () => {
    const { journal } = await recorded([10])
    const { divergences } = await replayed(journal, 'payment-0', { limit: 5 })
    expect(divergences[0]).toMatchObject({ actor: '/bank/ledger', kind: 'outcome' })
    expect(divergences[0]?.what).toContain('10 is more than 5')
  })

  it('takes back what a turn that now fails has changed, and nothing of the many turns before it', async () => {
    const small = Array.from({ length: 100 }, () => 1)
    const { journal } = await recorded([...small, 50, ...small.slice(0, 70), 60, 1])
    const { turns } = await replayed(journal, 'payment-172', { limit: 40 })
    const balances = turns.filter(({ actor: path }) => path === '/bank/ledger').map((turn) => turn.replayed)
    expect(balances.filter(({ ok }) => !ok)).toHaveLength(2)
    expect(balances.at(-1)).toEqual({ ok: true, answer: 1_000 - 171 })
  })

  it('names a turn that is now handled and was recorded as failed', async () => {
    const { journal } = await recorded([500])
    const { divergences } = await replayed(journal, 'payment-0', { limit: 1_000 })
    expect(divergences[0]).toMatchObject({ actor: '/bank/ledger', kind: 'outcome', isContext: false })
    expect(divergences[0]?.what).toContain('was recorded as failed')
  })

  it('names a told payload that differs', async () => {
    const { journal } = await recorded([10])
    const { divergences } = await replayed(journal, 'payment-0', { notice: 'gave' })
    expect(divergences).toHaveLength(1)
    expect(divergences[0]).toMatchObject({ actor: '/bank/teller', kind: 'payload', subject: 'tell' })
  })

  it('names an effect that the record does not have', async () => {
    const { journal } = await recorded([10])
    const { divergences } = await replayed(journal, 'payment-0', { effect: 'wire' })
    expect(divergences.map(({ actor, kind, what }) => [actor, kind, what])).toEqual([
      ['/bank/teller', 'effect', 'effect wire was not recorded'],
      ['/bank/teller', 'outcome', expect.stringContaining('wants effect "wire"')],
    ])
  })

  it('ends although the code waits for an answer that was never recorded', async () => {
    const { journal } = await recorded([10])
    const { divergences } = await replayed(journal, 'payment-0', { asksTwice: true })
    expect(divergences.map(({ actor, kind, subject }) => [actor, kind, subject])).toEqual([
      ['/bank/teller', 'extra', 'ask'],
      ['/bank/teller', 'outcome', 'error'],
    ])
  })

  it('says which definition is missing', async () => {
    const { journal } = await recorded([10])
    const { clerk } = bank()
    const swarm = { root: supervisor({ name: 'bank', children: [child(clerk)] }) }
    const { divergences } = await replay(new Incident(journal, 'payment-0'), { swarm })
    expect(divergences[0]).toMatchObject({ kind: 'definition' })
  })
})

describe('an incident', () => {
  it('is found by its name and by the position of its first message', async () => {
    const { journal } = await recorded([10, 20])
    const named = new Incident(journal, 'payment-1')
    const first = named.records[0]!.position
    expect(new Incident(journal, String(first)).correlation).toBe('payment-1')
  })

  it('is refused when the log knows no such correlation', async () => {
    const { journal } = await recorded([10])
    expect(() => new Incident(journal, 'payment-9')).toThrow(HoldfastError)
    expect(() => new Incident(journal, '99999')).toThrow(
      expect.objectContaining({ code: 'HF_UNKNOWN_CORRELATION' }),
    )
  })
})

describe('an incident in which supervisors were asked for something', () => {
  const square = task({
    name: 'square',
    run: (ctx, n: number) => ctx.effect('square', () => n * n),
  })
  const jobs = dynamicSupervisor({ name: 'jobs', of: square, restart: 'temporary' })
  const shy = actor({ name: 'shy', onStart: () => ignore, on: {} })
  const client = actor({
    name: 'client',
    state: () => ({ sum: 0 }),
    on: {
      async go(ctx) {
        ctx.state.sum += await ctx.ask(ctx.ref(jobs, '/root/jobs'), 'run', 7)
        await ctx.ask(ctx.ref(root, '/root'), 'start', { definition: 'shy' })
        await ctx.ask(ctx.ref(jobs, '/root/jobs'), 'start', { id: 'x' })
        await ctx.ask(ctx.ref(jobs, '/root/jobs'), 'terminate', { id: 'x' })
        return ctx.state.sum
      },
    },
  })
  const root: SupervisorDefinition = supervisor({ name: 'root', children: [child(jobs), child(client)] })

  it('replays identically, what they did for it included', async () => {
    const authorities = new VirtualAuthorities({ seed: 3 })
    const log = memoryJournal(authorities)
    const parts = {
      name: 'asked',
      root,
      definitions: [shy],
      log,
      authorities,
      refs: (make: (path: string) => unknown) => (log.codec.ref = make),
    }
    const starting = System.start(parts)
    await authorities.settle()
    const system = await starting
    const asked = system.ref('/root/client').ask('go' as never, undefined, { correlation: 'asked' })
    for (let round = 0; round < 20; round++) await authorities.settle()
    expect(await asked).toBe(49)
    const incident = new Incident(log, 'asked')
    const report = await replay(incident, { swarm: { root, definitions: [shy] } })
    expect(report.divergences).toEqual([])
    expect(report.turns.map(({ actor: path, kind }) => `${path} ${kind}`)).toContain('/root/jobs run')
    expect(report.identical).toBe(true)
  })
})
