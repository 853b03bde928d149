// A case of supervision as a running system: definitions made of a tree, a script carried out on virtual time, and what
// an observer and the log have to say of it.

import { actor, allForOne, child, oneForOne, restForOne, supervisor } from 'holdfast'
import type { ChildSpec, Context, Definition, SupervisorDefinition } from 'holdfast'
import { World } from '../semantics/world.js'
import { chronicle } from './chronicle.js'
import { type ActorNode, type Case, type Command, type ErrorName } from './random-trees.js'
import type { Step, SupervisorNode, TreeNode } from './random-trees.js'
import { LONG, UNBORN, type Outcome, type Picture, type Sight } from './tree-model.js'

class Slip extends Error {}
class Crash extends Error {}
class Doom extends Error {}
const classes = { Slip, Crash, Doom }

const strategies = { 'one-for-one': oneForOne, 'all-for-one': allForOne, 'rest-for-one': restForOne }

/** A command on its way. */
interface Told extends Command {
  readonly id: number
  readonly toldMs: number
}

/** One case under way in a real system. */
class Run {
  readonly world: World
  readonly #paths: ReadonlyMap<string, string>
  readonly #faults = new Map<string, ErrorName[]>()
  readonly #fragile: ReadonlySet<string>
  /** Commands that have been begun and failed or were put back: only such are begun twice. */
  readonly #begun = new Set<number>()
  readonly #handled = new Map<string, number>()
  #told = 0
  #dead = 0
  #born: ReadonlySet<string> = new Set()
  #isDone = false

  constructor({ tree, broken, script }: Case) {
    const breaks = [...broken, ...script].flatMap((step) => (step.do === 'break' ? [step.whom] : []))
    this.#fragile = new Set(breaks)
    this.#paths = new Map(pathsOf(tree, ''))
    this.world = new World({ root: this.#supervisorOf(tree, [child(chronicle)]) })
  }

  /** Opens the system, which takes so long. @returns whether it came up */
  async open(forMs: number): Promise<boolean> {
    let isUp: boolean | undefined
    const opening = this.world.open().then(
      () => (isUp = true),
      () => (isUp = false),
    )
    await this.world.advance(forMs)
    for (let round = 0; isUp === undefined && round < 10; round++) await this.world.settle()
    if (isUp !== true) await this.world.advance(LONG.byMs)
    else this.#listen()
    return opening
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'break') this.#faults.set(step.whom, Array<ErrorName>(step.times).fill(step.error))
    else if (step.do === 'advance') await this.world.advance(step.byMs)
    else if (step.do === 'crash') {
      await this.world.recover({ awayMs: step.awayMs })
      this.#listen()
    } else {
      const told: Told = { ...step.command, id: ++this.#told, toldMs: this.world.authorities.now() }
      this.world.tell(this.#paths.get(step.to)!, 'do', told)
    }
    await this.world.settle()
  }

  /** Stops the system and lets everything end that takes time. */
  async stop(): Promise<void> {
    const stopping = this.world.system.stop()
    await this.world.advance(LONG.byMs)
    await this.world.settled(stopping)
  }

  picture(): Picture {
    const { system } = this.world
    const born = this.#bornBy()
    const actors = [...this.#paths].map(([name, path]): [string, Sight] => {
      if (!born.has(path)) return [name, UNBORN]
      const { status, incarnation, stopped } = system.inspect(path)
      const isUp = status === 'running' || status === 'waiting'
      const seen = isUp ? 'up' : status === 'stopped' ? 'stopped' : 'neither'
      return [name, { status: seen, incarnation, stopped, handled: this.#handled.get(path) ?? 0 }]
    })
    const end = system.failure !== null ? 'gave up' : this.#isDone ? 'done' : undefined
    return { actors: Object.fromEntries(actors), dead: this.#dead, end }
  }

  /** What the log tells of supervision, in its order. */
  history(): string[] {
    const names = new Map(this.world.recordsOf('spawned').map((record) => [record.actor, record.data().name]))
    const lines = this.world.records().flatMap((record): string[] => {
      const name = names.get(record.actor) ?? 'nobody'
      if (record.kind === 'message') return record.type === 'note' ? [record.payload() as string] : []
      if (record.kind === 'restarted') return [`restarted ${name} ${record.data().incarnation}`]
      if (record.kind === 'stopped') return [`stopped ${name} ${record.data().reason}`]
      if (record.kind === 'failed') return [`failed ${name} ${record.data().context}`]
      if (record.kind !== 'directive') return []
      const { directive, affected } = record.data()
      return [`directive ${name} ${directive} ${affected.filter((each) => each !== chronicle.name).join()}`]
    })
    return lines.filter((line) => !line.includes(chronicle.name))
  }

  // Once all are, nobody looks any more.
  #bornBy(): ReadonlySet<string> {
    if (this.#born.size > this.#paths.size) return this.#born
    const paths = new Map<number, string>()
    for (const record of this.world.recordsOf('spawned')) {
      const { parent, name } = record.data()
      paths.set(record.actor, `${paths.get(parent) ?? ''}/${name}`)
    }
    return (this.#born = new Set(paths.values()))
  }

  #listen(): void {
    const { system } = this.world
    system.on('log', ({ actor: path }) => this.#handled.set(path, (this.#handled.get(path) ?? 0) + 1))
    system.on('dead-letter', ({ to }) => {
      if (to !== '/root/chronicle') this.#dead++
    })
    system.on('stopped', ({ actor: path, reason }) => {
      this.#isDone ||= path === '/root' && reason === 'normal'
    })
  }

  // Definitions ------------------------------------------------------------------------------------------------------

  #supervisorOf(node: SupervisorNode, first: readonly ChildSpec[] = []): SupervisorDefinition {
    return supervisor({
      name: node.name,
      strategy: strategies[node.strategy](node.limit),
      onFailure: node.policy,
      autoShutdown: node.autoShutdown,
      children: [...first, ...node.children.map((each) => this.#childOf(each))],
    })
  }

  #childOf(node: TreeNode): ChildSpec {
    const { name, restart, shutdown, significant, budget } = node
    const backoff = node.backoff === undefined ? undefined : { ...node.backoff, jitter: 0 }
    const definition: Definition = node.kind === 'actor' ? this.#actorOf(node) : this.#supervisorOf(node)
    return child(definition, { id: name, restart, shutdown, significant, backoff, budget })
  }

  #actorOf(node: ActorNode): Definition {
    return actor({
      name: node.name,
      durable: node.durable,
      attempts: node.attempts,
      onFailure: node.policy,
      state: () => ({ n: 0 }),
      onStart: (ctx) => this.#start(ctx, node),
      onStop: (ctx) => this.#stop(ctx, node),
      on: { do: (ctx, told: Told) => this.#do(ctx, told) },
    })
  }

  // What a hook finds out about its world is an effect, so that a rebuild does not find out something else.
  #start(ctx: Context<unknown>, { name, startMs }: ActorNode): unknown {
    const begin = (fault?: ErrorName | null): void => {
      if (fault !== undefined && fault !== null) throw new classes[fault]()
      note(ctx, `start ${name}`)
    }
    if (startMs === 0 && !this.#fragile.has(name)) {
      begin()
      return undefined
    }
    const look = async (): Promise<ErrorName | null> => {
      const fault = this.#faults.get(name)?.pop() ?? null
      await this.#wait(startMs)
      return fault
    }
    return ctx.effect('look', look).then(begin)
  }

  #stop(ctx: Context<unknown>, { name, stopMs, stopThrows }: ActorNode): unknown {
    const end = (): void => {
      if (stopThrows) throw new Slip()
      note(ctx, `stop ${name}`)
    }
    if (stopMs > 0) return ctx.effect('wait', () => this.#wait(stopMs)).then(end)
    end()
    return undefined
  }

  #do(ctx: Context<{ n: number }>, told: Told): unknown {
    const isAtOnce = told.what === 'work' || (ctx.now() === told.toldMs && !this.#begun.has(told.id))
    if (told.what === 'fail') this.#begun.add(told.id)
    const end = (): void => {
      if (told.what === 'fail') throw new classes[told.error]()
      if (told.what === 'end') ctx.stop(ctx.self)
      if (told.what === 'kill') ctx.stop(ctx.self, 'kill')
      if (told.what !== 'work') return
      ctx.state.n++
      ctx.log.info('handled')
    }
    const ms = told.afterMs > 0 || isAtOnce ? told.afterMs : 1
    if (ms > 0) return ctx.effect('wait', () => this.#wait(ms)).then(end)
    end()
    return undefined
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (ms === 0) resolve()
      else
        this.world.authorities.timer(ms, () => {
          resolve()
        })
    })
  }
}

function note(ctx: Context<unknown>, line: string): void {
  ctx.tell(ctx.ref('/root/chronicle'), 'note', line)
}

function pathsOf(node: TreeNode, above: string): [string, string][] {
  const path = `${above}/${node.name}`
  const below = node.kind === 'actor' ? [] : node.children.flatMap((each) => pathsOf(each, path))
  return [[node.name, path], ...below]
}

/** What really comes of a case, when its start is over at that time, and of those of its steps. */
export async function runOf(
  given: Case,
  { openMs, script }: Pick<Outcome, 'openMs' | 'script'>,
): Promise<Pick<Outcome, 'pictures' | 'history'>> {
  const run = new Run(given)
  const pictures: Picture[] = []
  for (const step of given.broken) await run.take(step)
  if (!(await run.open(openMs))) return { pictures, history: run.history() }
  pictures.push(run.picture())
  for (const step of script) {
    if (pictures.at(-1)?.end !== undefined) break
    await run.take(step)
    pictures.push(run.picture())
  }
  await run.stop()
  return { pictures, history: run.history() }
}
