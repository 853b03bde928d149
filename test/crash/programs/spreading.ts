// A system whose turns tell three messages each, and that ends itself by SIGKILL at one exact step of the ninth turn.
// Arguments: the data directory, and the step. It prints `acked <n>` for each turn that was acknowledged.

import { actor, child, machineAuthorities, supervisor, System } from '@holdfast/kernel'
import { Journal, LmdbStore, type Commit } from '@holdfast/journal'
import { print } from './print.js'

/** Where a turn can be cut off. */
export const STEPS = [
  'behind its message',
  'at its start',
  'behind the first that it told',
  'behind the last that it told',
  'behind its turn record',
  'before the commit',
  'during the commit',
  'behind the commit',
  'behind the acknowledgement',
] as const

export type Step = (typeof STEPS)[number]

/** The turn that is cut off. */
export const CUT = 9

export const receiver = actor({
  name: 'receiver',
  state: () => ({ got: [] as number[] }),
  on: {
    got(ctx, n: number) {
      ctx.state.got.push(n)
    },
  },
})

export const spreader = actor({
  name: 'spreader',
  state: () => ({ spread: 0 }),
  on: {
    spread(ctx, n: number) {
      ctx.state.spread = n
      for (const name of ['a', 'b', 'c']) ctx.tell(ctx.ref(receiver, `/root/${name}`), 'got', n)
      return n
    },
  },
})

export const root = supervisor({
  name: 'root',
  children: [child(spreader, { id: 'spreader' }), ...['a', 'b', 'c'].map((id) => child(receiver, { id }))],
})

class Cutter {
  readonly #step: Step
  isArmed = false

  constructor(step: Step) {
    this.#step = step
  }

  at(step: Step): void {
    if (this.isArmed && step === this.#step) process.kill(process.pid, 'SIGKILL')
  }
}

class CutStore extends LmdbStore {
  readonly #cutter: Cutter

  constructor(dir: string, cutter: Cutter) {
    super({ dir })
    this.#cutter = cutter
  }

  override async commit(commit: Commit): Promise<void> {
    this.#cutter.at('before the commit')
    const done = super.commit(commit)
    this.#cutter.at('during the commit')
    await done
    this.#cutter.at('behind the commit')
  }
}

class CutJournal extends Journal {
  readonly #cutter: Cutter
  #told = 0

  constructor(store: CutStore, cutter: Cutter) {
    super(store, machineAuthorities())
    this.#cutter = cutter
  }

  override mark(): void {
    super.mark()
    this.#told = 0
    this.#cutter.at('at its start')
  }

  override message(...args: Parameters<Journal['message']>): number {
    const position = super.message(...args)
    if (args[5] === 0) this.#cutter.at('behind its message')
    else {
      this.#told++
      if (this.#told === 1) this.#cutter.at('behind the first that it told')
      if (this.#told === 3) this.#cutter.at('behind the last that it told')
    }
    return position
  }

  override turn(...args: Parameters<Journal['turn']>): number {
    const position = super.turn(...args)
    this.#cutter.at('behind its turn record')
    return position
  }
}

async function run(dir: string, step: Step): Promise<void> {
  const cutter = new Cutter(step)
  const log = new CutJournal(new CutStore(dir, cutter), cutter)
  const system = await System.start({ name: 'spreading', root, log, authorities: machineAuthorities() })
  const ref = system.ref(spreader, '/root/spreader')
  for (let n = 1; n <= CUT; n++) {
    cutter.isArmed = n === CUT
    await ref.ask('spread', n)
    print(`acked ${n}`)
    cutter.at('behind the acknowledgement')
  }
}

const [dir, step] = process.argv.slice(2)
if (dir !== undefined && step !== undefined) await run(dir, step as Step)
