// A random swarm as a running system: definitions made of it, and its script carried out on virtual time, with crashes,
// recoveries and an operator in between. What it leaves is a log.

import { createHash } from 'node:crypto'
import {
  actor,
  allForOne,
  child,
  dynamicSupervisor,
  oneForOne,
  restForOne,
  supervisor,
  virtualActors,
  type ActorDefinition,
  type ChildSpec,
  type Context,
  type Definition,
  type SupervisorDefinition,
} from 'holdfast'
import type { RedactOptions } from '@holdfast/journal'
import type { Retention } from '@holdfast/kernel'
import { World } from '../semantics/world.js'
import { KEYS, LEAF, TYPES, type Kind, type Node, type Step, type Swarm } from './random-swarms.js'
import {
  isWaiting,
  newState,
  run,
  type EffectOp,
  type Hands,
  type Program,
  type State,
  type Surroundings,
  type TurnOf,
} from './swarm-programs.js'

const strategies = { 'one-for-one': oneForOne, 'all-for-one': allForOne, 'rest-for-one': restForOne }

type AnyActor = ActorDefinition<State, undefined, never>

/** Where the effects of handlers happen. */
export interface Outside {
  effectOf(op: EffectOp, where: string): EffectOp
  perform(name: string, how: 'now' | 'later' | 'hangs', where: string): unknown
}

/** The outside of a replay: nobody may reach for it. */
export class Nothing implements Outside {
  reached = 0

  effectOf = (op: EffectOp): EffectOp => op

  perform = (): unknown => {
    this.reached++
    return 0
  }
}

/** What a turn of a kind of actor does on a message, or in a hook. */
export type Code = (kind: number, name: string, turn: TurnOf) => Program

/** The code as a swarm has it. */
export function written({ kinds }: Swarm): Code {
  return (kind, name) => {
    const ops = kinds[kind]!.on[name] ?? []
    return { ops, waits: ops.some(isWaiting) }
  }
}

/** The paths that programs reach for, by number. */
function targetsOf(swarm: Swarm): string[] {
  const paths: string[] = []
  const visit = (node: Node, above: string): void => {
    const path = `${above}/${node.name}`
    if (node.is === 'actor') paths.push(path)
    else if (node.is === 'supervisor') for (const each of node.children) visit(each, path)
    else if (node.is === 'pool') paths.push(`${path}/p`)
    else paths.push(...KEYS.map((key) => `${path}/${key}`))
  }
  for (const each of swarm.root.children) visit(each, '/root')
  return paths
}

/** The definitions of a swarm. */
export function definitionsOf(
  swarm: Swarm,
  outside: Outside,
  code: Code = written(swarm),
): { readonly root: SupervisorDefinition } {
  const targets = [...targetsOf(swarm), 'self', 'sender', 'kid']
  const { effectOf, perform } = outside
  const surroundings = (kind: number): Surroundings => ({
    targets,
    mayspawn: kind !== LEAF,
    effectOf,
    perform,
    programOf: (name, turn) => code(kind, name, turn),
  })
  // Some kinds of half of the swarms run in threads.
  const inThread = (kind: number): boolean => (swarm.seed >> 3) % 2 === 0 && (swarm.seed + kind) % 2 === 0
  const leaf = actorOf(swarm.kinds[LEAF]!, LEAF, surroundings(LEAF), undefined, inThread(LEAF))
  const actors = swarm.kinds.map((kind, i) =>
    i === LEAF ? leaf : actorOf(kind, i, surroundings(i), leaf, inThread(i)),
  )
  const { strategy, limit, policy, children } = swarm.root
  const root = supervisor({
    name: 'root',
    strategy: strategies[strategy](limit),
    onFailure: policy,
    children: children.map((each) => childOf(each, actors)),
  })
  return { root }
}

function childOf(node: Node, actors: readonly AnyActor[]): ChildSpec {
  const { name, restart, backoffMs, budget } = node
  const backoff = backoffMs === undefined ? undefined : { minMs: backoffMs, maxMs: 4 * backoffMs }
  return child(definitionOf(node, actors), { id: name, restart, backoff, budget })
}

function definitionOf(node: Node, actors: readonly AnyActor[]): Definition {
  switch (node.is) {
    case 'actor':
      return actors[node.kind]!
    case 'supervisor':
      return supervisor({
        name: node.name,
        strategy: strategies[node.strategy](node.limit),
        onFailure: node.policy,
        children: node.children.map((each) => childOf(each, actors)),
      })
    case 'pool':
      return dynamicSupervisor({ name: node.name, of: actors[node.kind]!, budget: node.budget })
    case 'home':
      return virtualActors({
        name: node.name,
        of: actors[node.kind]!,
        idleMs: node.idleMs,
        budget: node.budget,
      })
  }
}

function actorOf(
  kind: Kind,
  nth: number,
  around: Surroundings,
  leaf: AnyActor | undefined,
  inThread: boolean,
): AnyActor {
  const handler = (name: string) => (ctx: Context<State>, payload: unknown) => {
    const hands = handsOf(ctx, leaf)
    return run(around, name, hands, payload)
  }
  const known = [...TYPES, 'terminated'].filter((type) => kind.on[type] !== undefined)
  return actor<State, undefined, never>({
    name: `kind-${nth}`,
    state: newState,
    ...(inThread ? { runsIn: 'thread' } : {}),
    on: Object.fromEntries(known.map((type) => [type, handler(type)])) as never,
    onStart: handler('onStart'),
    ...(kind.hasRestartHook ? { onRestart: handler('onRestart') } : {}),
    onStop: (ctx) => handler('onStop')(ctx, undefined),
    onFailure: kind.policy,
    attempts: kind.attempts,
    turnTimeoutMs: kind.turnTimeoutMs,
    keepChildren: kind.keepChildren,
    spawns: leaf === undefined ? [] : [leaf],
    mailbox: {
      stash: kind.stash,
      overflow: kind.overflow,
      ...(kind.capacity === undefined ? {} : { capacity: kind.capacity }),
      ...(kind.isUrgent ? { urgent: ['b'] } : {}),
    },
    snapshot: { everyBytes: kind.everyBytes },
    ...(kind.digestEvery === undefined ? {} : { digestEvery: kind.digestEvery }),
  })
}

// The programs know nothing of definitions: whoever spawns, spawns a leaf.
function handsOf(ctx: Context<State>, leaf: AnyActor | undefined): Hands {
  const hands = Object.create(ctx) as Hands
  const from = ctx as unknown as Record<string, unknown>
  return new Proxy(hands, {
    get: (_hands, name) => {
      if (name === 'spawn') return (options: object) => ctx.spawn(leaf!, options)
      const value = from[name as string]
      return typeof value === 'function' ? (value.bind(ctx) as unknown) : value
    },
    set: (_hands, name, value) => {
      from[name as string] = value
      return true
    },
  })
}

function chanceOf(what: string): number {
  return createHash('sha256').update(what).digest().readUInt32LE() / 2 ** 32
}

/** What is kept of what a swarm does, and how. */
export interface Keeping {
  readonly retention?: Retention
  readonly redact?: RedactOptions
}

/** A swarm under way. */
export class SwarmRun implements Outside {
  readonly world: World
  readonly #swarm: Swarm
  readonly #targets: readonly string[]
  #isUp = false
  /** How often an effect of a turn was tried. */
  readonly #tries = new Map<string, number>()
  readonly #effects = new Map<string, EffectOp>()
  readonly #like: SwarmRun | undefined

  /** @param like another run: what an effect comes to is the same here, when the same one is wanted in the same place */
  constructor(swarm: Swarm, code?: Code, like?: SwarmRun, keeping: Keeping = {}) {
    this.#like = like
    this.#swarm = swarm
    this.#targets = targetsOf(swarm)
    this.perform = this.perform.bind(this)
    this.effectOf = this.effectOf.bind(this)
    const { root } = definitionsOf(swarm, this, code)
    const { seed, cutAfter } = swarm
    // Half of them come back from checkpoints as well.
    const checkpointEvery = seed % 2 === 0 ? 10 + (seed % 50) : undefined
    this.world = new World({ root, seed, checkpointEvery, ...keeping }, cutAfter)
  }

  /** How an effect is done does not follow from the code: that is the world. */
  effectOf(op: EffectOp, where: string): EffectOp {
    const known = this.#like === undefined ? undefined : this.#like.#effects.get(where)
    const done = known?.name === op.name ? known : op
    this.#effects.set(where, done)
    return done
  }

  /**
   * Chance and time of the world that no log knows of before they have come in through an effect. What comes of it is
   * its own and follows from nothing that others do, so that an effect more takes nothing away from them.
   */
  perform(name: string, how: 'now' | 'later' | 'hangs', where: string): unknown {
    const { authorities } = this.world
    const nth = this.#tries.get(where) ?? 0
    this.#tries.set(where, nth + 1)
    const chance = chanceOf(`${this.#swarm.seed} ${name} ${where} ${nth}`)
    const end = (): number => {
      if (chance < 0.2) throw new Error(`${name} is down: ${Math.floor(chance * 1_000)}`)
      return Math.floor(chance * 1_000)
    }
    if (how === 'now') return end()
    const later = new Promise<void>((resolve) => {
      if (how === 'later') authorities.timer(40 * chance, resolve)
    })
    return later.then(end)
  }

  /** Carries out the whole script. */
  async run(): Promise<void> {
    await this.#open()
    for (const step of this.#swarm.script) await this.#take(step)
    await this.world.advance(100)
    if (this.#swarm.seed % 3 === 0) await this.#stop()
    if (this.#swarm.seed % 2 === 0) this.world.crash()
  }

  async #open(): Promise<void> {
    for (let attempt = 0; attempt < 2; attempt++) {
      const opening = this.world.open().then(
        () => true,
        () => false,
      )
      await this.world.advance(400)
      this.#isUp = await opening
      if (this.#isUp) return
      this.world.crash()
    }
  }

  async #stop(): Promise<void> {
    if (!this.#isUp) return
    const stopping = this.world.system.stop()
    stopping.catch(() => undefined)
    await this.world.advance(12_000)
    this.#isUp = false
  }

  async #take(step: Step): Promise<void> {
    const { world } = this
    if (step.do === 'crash') {
      world.crash(step.awayMs, step.cutAfter)
      await this.#open()
    } else if (step.do === 'reopen') {
      await this.#stop()
      world.crash()
      await this.#open()
    } else if (step.do === 'settle') await world.settle()
    else if (step.do === 'advance') await world.advance(step.byMs)
    else if (this.#isUp) this.#send(step)
  }

  #send(step: Exclude<Step, { do: 'crash' | 'reopen' | 'settle' | 'advance' }>): void {
    const { system } = this.world
    const nothing = (): void => undefined
    try {
      if (step.do === 'parked') {
        const parked = system.parked()
        const one = parked[step.nth % Math.max(1, parked.length)]
        if (one !== undefined) system.steer[step.command](one.position, { by: 'ana' }).catch(nothing)
        return
      }
      const path = this.#targets[step.to % this.#targets.length]
      if (path === undefined) return
      if (step.do === 'steer') {
        system.steer[step.command](path, { by: 'ana' }).catch(nothing)
        return
      }
      const sent = { ttl: 3, v: step.v, list: [step.v] }
      const ref = system.ref(path)
      if (step.do === 'tell') ref.tell(step.type, sent, { correlation: step.name })
      else ref.ask(step.type, sent, { timeoutMs: 700 }).catch(nothing)
    } catch {
      // It is refused: nobody lives there, the mailbox is full, or the system has stopped.
    }
  }
}
