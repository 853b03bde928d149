// A registry against a model of it: random actors come and go, claim names and join groups, and the process is killed
// in between.

import fc from 'fast-check'
import { actor, child, oneForOne, registry, supervisor } from 'holdfast'
import type { ActorRef, RegistryPage, RegistryState } from '@holdfast/kernel'
import { expect, it } from 'vitest'
import { World } from '../semantics/world.js'
import { triesOf } from '../tries.js'

const MAX = 3
const names = registry({ name: 'names', maxNames: MAX, maxMembers: MAX })
const NAMES = '/root/names'

const worker = actor({
  name: 'worker',
  onFailure: { RangeError: 'stop', default: 'restart' },
  on: {
    claim(ctx, { type, payload }: { type: 'register'; payload: { name: string } }) {
      return ctx.ask(ctx.ref(names, NAMES), type, payload)
    },
    end(ctx) {
      ctx.stop(ctx.self)
    },
    fail() {
      throw new RangeError('for good')
    },
    restart() {
      throw new TypeError('once more')
    },
  },
})
const keeper = actor({
  name: 'keeper',
  spawns: [worker],
  strategy: oneForOne({ maxRestarts: 1_000_000 }),
  on: {
    bear(ctx, name: string) {
      ctx.spawn(worker, { name })
    },
  },
})
const root = supervisor({ name: 'root', children: [child(names), child(keeper)] })

const WORKERS = ['w0', 'w1', 'w2', 'w3']
const pathOf = (worker: string): string => `/root/keeper/${worker}`

type Claim = 'register' | 'unregister' | 'join' | 'leave'
type Op =
  | {
      readonly kind: 'claim'
      readonly do: Claim
      readonly who: string
      readonly what: string
      readonly isOwn: boolean
    }
  | { readonly kind: 'life'; readonly do: 'bear' | 'end' | 'fail' | 'restart'; readonly who: string }
  | { readonly kind: 'process'; readonly do: 'kill' | 'reopen' }

const who = fc.constantFrom(...WORKERS)
const claim = fc.record({
  kind: fc.constant('claim' as const),
  do: fc.constantFrom<Claim[]>('register', 'register', 'join', 'join', 'unregister', 'leave'),
  who,
  what: fc.constantFrom('x', 'y', 'z', 'u'),
  isOwn: fc.boolean(),
})
const life = fc.record({
  kind: fc.constant('life' as const),
  do: fc.constantFrom<('bear' | 'end' | 'fail' | 'restart')[]>('bear', 'bear', 'end', 'fail', 'restart'),
  who,
})
const ofProcess = fc.record({
  kind: fc.constant('process' as const),
  do: fc.constantFrom<('kill' | 'reopen')[]>('kill', 'reopen'),
})
const ops: fc.Arbitrary<Op[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: claim },
    { weight: 4, arbitrary: life },
    { weight: 1, arbitrary: ofProcess },
  ),
  { minLength: 5, maxLength: 40 },
)

/** What a registry should know. */
class Model {
  readonly living = new Set<string>()
  readonly names = new Map<string, string>()
  readonly groups = new Map<string, string[]>()

  get members(): number {
    return [...this.groups.values()].reduce((sum, group) => sum + group.length, 0)
  }

  /** What happens, and the answer. */
  apply(op: Op): string | undefined {
    if (op.kind === 'claim') return this.#claim(op.do, op.who, op.what)
    if (op.do === 'bear') this.living.add(op.who)
    if (op.do === 'end' || op.do === 'fail') this.#end(op.who)
    return undefined
  }

  #end(who: string): void {
    this.living.delete(who)
    for (const [name, holder] of this.names) if (holder === who) this.names.delete(name)
    for (const [group, members] of this.groups)
      this.groups.set(
        group,
        members.filter((each) => each !== who),
      )
  }

  #claim(type: Claim, who: string, what: string): string {
    const holder = this.names.get(what)
    const group = this.groups.get(what) ?? []
    switch (type) {
      case 'register':
        if (!this.living.has(who)) return 'no-actor'
        if (holder !== undefined && holder !== who) return `held ${holder}`
        if (holder === undefined && this.names.size >= MAX) return 'full'
        this.names.set(what, who)
        break
      case 'unregister':
        if (holder !== undefined && holder !== who) return `held ${holder}`
        this.names.delete(what)
        break
      case 'join':
        if (!this.living.has(who)) return 'no-actor'
        if (group.includes(who)) break
        if (this.members >= MAX) return 'full'
        this.groups.set(what, [...group, who])
        break
      case 'leave':
        this.groups.set(
          what,
          group.filter((each) => each !== who),
        )
    }
    return 'ok'
  }
}

/** Does it for real. An actor asks as itself when it lives; otherwise the outside asks for it. */
function send(world: World, op: Op, isLiving: boolean): Promise<unknown> | undefined {
  if (op.kind === 'process') return undefined
  const { who } = op
  if (op.kind === 'life') {
    if (op.do === 'bear' && !isLiving) world.tell('/root/keeper', 'bear', who)
    if (op.do !== 'bear' && isLiving) world.tell(pathOf(who), op.do)
    return undefined
  }
  const about = op.do === 'register' || op.do === 'unregister' ? { name: op.what } : { group: op.what }
  if (op.isOwn && isLiving) return world.system.ref(pathOf(who)).ask('claim', { type: op.do, payload: about })
  return world.system.ref(NAMES).ask(op.do, { ...about, ref: world.system.ref(pathOf(who)) })
}

function shown(answer: { ok: boolean; reason?: string; holder?: ActorRef }): string {
  if (answer.ok) return 'ok'
  return answer.holder === undefined ? answer.reason! : `held ${answer.holder.path.split('/').at(-1)!}`
}

async function known(world: World): Promise<unknown> {
  const page = await world.ask<RegistryPage>(NAMES, 'names')
  const held = page.names.map(({ name, ref }) => [name, ref.path])
  const groups: unknown[] = []
  for (const group of ['x', 'y', 'z', 'u']) {
    const members = await world.ask<ActorRef[]>(NAMES, 'members', { group })
    groups.push([group, members.map(({ path }) => path)])
  }
  return { held, groups }
}

function wanted(model: Model): unknown {
  const held = [...model.names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, who]) => [name, pathOf(who)])
  const groups = ['x', 'y', 'z', 'u'].map((group) => [group, (model.groups.get(group) ?? []).map(pathOf)])
  return { held, groups }
}

const parameters = { numRuns: triesOf(100) }

it('SUP-170 a registry knows what its model knows, after each step and each end of the process', async () => {
  const property = fc.asyncProperty(ops, async (steps) => {
    const world = await World.start({ root })
    const model = new Model()
    for (const step of steps) {
      const isLiving = step.kind !== 'process' && model.living.has(step.who)
      const asked = send(world, step, isLiving)
      const answer = asked === undefined ? undefined : shown((await world.settled(asked)) as never)
      if (step.do === 'kill') await world.recover()
      if (step.do === 'reopen') await world.reopen()
      await world.settle()
      expect(answer).toBe(model.apply(step))
      expect(await known(world)).toEqual(wanted(model))
    }
    expect(world.system.inspect(NAMES).restarts).toBe(0)
  })
  await fc.assert(property, parameters)
})

// Without a pause between the steps nobody can say who comes first. But when all is done, everything fits together.
it('SUP-170 a registry in a hurry holds nothing for who has ended, and everything for whom it watches', async () => {
  const property = fc.asyncProperty(ops, async (steps) => {
    const world = await World.start({ root })
    for (const step of steps) {
      const isLiving = step.kind !== 'process' && isHere(world, step.who)
      send(world, step, isLiving)?.catch(() => undefined)
      if (step.do === 'kill') await world.recover()
      if (step.do === 'reopen') await world.reopen()
    }
    await world.settle()
    const { names, groups, holders, members } = world.state<RegistryState>(NAMES)
    const held = [...holders].flatMap(([path, { names }]) => [...names].map((name) => [name, path]))
    const joined = [...holders].flatMap(([path, holdings]) =>
      [...holdings.groups].map((group) => [group, path]),
    )
    expect(held.sort()).toEqual([...names].sort())
    expect(joined.sort()).toEqual(
      [...groups].flatMap(([group, paths]) => [...paths].map((path) => [group, path])).sort(),
    )
    expect(members).toBe(joined.length)
    const living = world.system.inspect('/root/keeper').children.map(pathOf)
    expect([...holders.keys()].filter((path) => !living.includes(path))).toEqual([])
    // Who is held is watched: when they all end, nothing is left.
    for (const path of living) world.tell(path, 'end')
    await world.settle()
    expect(world.state<RegistryState>(NAMES)).toMatchObject({ members: 0 })
    expect(world.state<RegistryState>(NAMES).holders.size).toBe(0)
  })
  await fc.assert(property, parameters)
})

function isHere(world: World, who: string): boolean {
  return world.system.inspect('/root/keeper').children.includes(who)
}
