// Random programs of actors with little room that tell and ask each other, themselves too, in any direction: none of them
// may ever wait for itself, over whatever mailboxes and answers. Time stands still, so nothing ends by being too late.

import { actor, child, supervisor, type AnyRef } from 'holdfast'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { triesOf } from '../tries.js'
import { World } from './world.js'

const NAMES = ['a', 'b', 'c', 'd'] as const

interface Step {
  readonly how: 'tell' | 'ask' | 'ask and go on' | 'effect and go on'
  readonly to: (typeof NAMES)[number]
  readonly count: number
  readonly steps: readonly Step[]
}

interface Asking {
  readonly state: { handled: number }
  ref(path: string): AnyRef
  tell(to: AnyRef, type: string, payload: unknown): void
  effect(name: string, run: () => unknown): Promise<unknown>
  ask(to: AnyRef, type: string, payload: unknown, options: { readonly timeoutMs: number }): Promise<unknown>
}

async function run(ctx: Asking, steps: readonly Step[]): Promise<string> {
  ctx.state.handled++
  const asked: Promise<unknown>[] = []
  for (const step of steps) {
    const to = ctx.ref(`/root/${step.to}`)
    for (let i = 0; i < step.count; i++) {
      if (step.how === 'tell') {
        ctx.tell(to, 'run', step.steps)
        continue
      }
      if (step.how === 'effect and go on') {
        asked.push(ctx.effect('hope', () => 1))
        continue
      }
      const answer = ctx.ask(to, 'run', step.steps, { timeoutMs: 60_000 }).catch((error: unknown) => {
        expect((error as { code?: string }).code).toBe('HF_ASK_CYCLE')
      })
      if (step.how === 'ask') await answer
      else asked.push(answer)
    }
  }
  await Promise.all(asked)
  return 'done'
}

function node(name: string, durable: boolean, capacity: number) {
  return actor({
    name,
    durable,
    mailbox: { capacity, overflow: 'backpressure' },
    state: () => ({ handled: 0 }),
    on: {
      run(ctx, steps: readonly Step[]) {
        if (steps.length > 0) return run(ctx, steps)
        ctx.state.handled++
        return undefined
      },
    },
  })
}

const leaf: fc.Arbitrary<readonly Step[]> = fc.constant([])

function stepsOf(level: number): fc.Arbitrary<readonly Step[]> {
  if (level === 0) return leaf
  const step = fc.record({
    how: fc.constantFrom(
      'tell' as const,
      'ask' as const,
      'ask and go on' as const,
      'effect and go on' as const,
    ),
    to: fc.constantFrom(...NAMES),
    count: fc.integer({ min: 1, max: 3 }),
    steps: fc.oneof({ weight: 1, arbitrary: leaf }, { weight: 3, arbitrary: stepsOf(level - 1) }),
  })
  return fc.array(step, { maxLength: 3 })
}

const programs = fc.record({
  capacities: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: NAMES.length, maxLength: NAMES.length }),
  durable: fc.array(fc.boolean(), { minLength: NAMES.length, maxLength: NAMES.length }),
  commands: fc.array(fc.tuple(fc.constantFrom(...NAMES), stepsOf(3)), { minLength: 1, maxLength: 6 }),
})

it('whoever asks and fills whom, everybody goes on, and nothing is left', async () => {
  const property = fc.asyncProperty(programs, async ({ capacities, durable, commands }) => {
    const children = NAMES.map((name, i) => child(node(name, durable[i]!, capacities[i]!)))
    const world = await World.start({ root: supervisor({ name: 'root', children }) })
    const failures = world.events('failed')
    for (const [to, steps] of commands) {
      await world.settled(world.system.room(`/root/${to}`))
      world.tell(`/root/${to}`, 'run', steps)
    }
    await world.settle()
    const left = NAMES.map((name) => {
      const { status, mailbox } = world.system.inspect(`/root/${name}`)
      return { name, status, mailbox }
    })
    expect(left).toEqual(NAMES.map((name) => ({ name, status: 'running', mailbox: 0 })))
    expect([world.authorities.timers, failures]).toEqual([0, []])
    const { count, byReason } = world.system.deadLetters
    expect(count).toBe(byReason['ask-cycle'] ?? 0)
  })
  await fc.assert(property, { numRuns: triesOf(300) })
}, 600_000)
