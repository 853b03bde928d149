import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { programRoot, programs, type Program } from './random-programs.js'
import { triesOf } from '../tries.js'
import { World } from './world.js'

/** A program under way, from outside: which commands have been answered, and what the log must therefore hold. */
class Drive {
  readonly world: World
  readonly #program: Program
  readonly #answered = new Set<string>()

  constructor(world: World, program: Program) {
    this.world = world
    this.#program = program
  }

  /** Sends what the log does not hold, and lets the system run until nothing happens any more. */
  async run(): Promise<void> {
    const known = this.#known()
    for (const [i, { to, command }] of this.#program.entries()) {
      const id = String(i)
      if (known.has(id)) continue
      const end = (): void => void this.#answered.add(id)
      this.world.system
        .ref(`/root/worker-${to}`)
        .ask('run', { id, command }, { timeoutMs: 2_000_000_000 })
        .then(end, end)
    }
    await this.world.advance(1_000)
  }

  /** Kills the system where it stands, and opens it again; the next store takes so many commits. */
  async killAndReopen(commits: number): Promise<void> {
    const answered = [...this.#answered]
    this.world.crash(0, commits)
    await this.world.open()
    const known = this.#known()
    expect(
      answered.filter((id) => !known.has(id)),
      'commands that were answered and are lost',
    ).toEqual([])
  }

  #known(): Set<string> {
    const outside = this.world.recordsOf('message').filter((record) => record.outside)
    return new Set(outside.map((record) => (record.payload() as { id: string }).id))
  }
}

/** What a program left behind: every actor that lives, with what it applied and learned. */
function remains(world: World): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  const visit = (path: string): void => {
    const { state, status, children, waiting, timers } = world.system.inspect(path)
    const { applied, learned, ended } = (state ?? {}) as Record<string, unknown>
    found[path] = { status, waiting, timers, applied, learned, ended }
    for (const name of [...children].sort()) visit(`${path}/${name}`)
  }
  visit('/root')
  return found
}

/** Where two remains differ, for humans. */
function differences(got: Record<string, unknown>, wanted: Record<string, unknown>): string[] {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_key, each: unknown) => (each === undefined ? '?' : each))
  return [...new Set([...Object.keys(got), ...Object.keys(wanted)])]
    .filter((path) => !isDeepStrictEqual(got[path], wanted[path]))
    .map((path) => `${path}: ${text(got[path])} instead of ${text(wanted[path])}`)
}

async function undisturbed(program: Program): Promise<{ remains: Record<string, unknown>; commits: number }> {
  const drive = new Drive(await World.start({ root: programRoot }), program)
  await drive.run()
  return { remains: remains(drive.world), commits: drive.world.store.commits }
}

async function disturbed(
  program: Program,
  cuts: readonly number[],
  commits: number,
): Promise<Record<string, unknown>> {
  const cutAt = cuts.map((cut) => 1 + Math.floor(cut * commits))
  const world = new World({ root: programRoot }, cutAt[0])
  const drive = new Drive(world, program)
  const opening = world.open()
  await opening
  await drive.run()
  for (const [i] of cutAt.entries()) {
    await drive.killAndReopen(cutAt[i + 1] ?? Infinity)
    await drive.run()
  }
  return remains(world)
}

it('a program that is killed at any commits leaves behind what it leaves behind undisturbed', async () => {
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 })
  const property = fc.asyncProperty(programs, cuts, async (program, cut) => {
    const whole = await undisturbed(program)
    expect(differences(await disturbed(program, cut, whole.commits), whole.remains)).toEqual([])
  })
  await fc.assert(property, { numRuns: triesOf(200) })
}, 600_000)
