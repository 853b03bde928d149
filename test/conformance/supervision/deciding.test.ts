// A function decides about failures.

import { actor, child, supervisor } from 'holdfast'
import type { Decide, Directive } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'
import { ends, failEach, incarnations, member, rootOf } from './chronicle.js'

const GROUP = '/root/group'
const A = `${GROUP}/a`

async function worldOf(own: Decide | undefined, above?: Decide): Promise<World> {
  const a = actor({ ...member('a').spec, ...(own === undefined ? {} : { onFailure: own }) })
  const group = supervisor({ name: 'group', onFailure: above, children: [child(a), child(member('b'))] })
  return World.start({ root: rootOf(child(group)) })
}

const directives = (world: World): Directive[] =>
  world.recordsOf('directive').map((record) => record.data().directive)

describe('A function that decides about a failure', () => {
  it('gets the error as the log keeps it, once, and what it says is done', async () => {
    const seen: unknown[] = []
    const world = await worldOf((error) => {
      seen.push({ name: error.name, message: error.message })
      return error.message.startsWith('minor') ? 'resume' : 'stop'
    })
    world.tell(A, 'fail', 'minor thing')
    await world.settle()
    expect(incarnations(world, A)).toEqual([1])
    world.tell(A, 'fail', 'major thing')
    await world.settle()
    expect(ends(world)).toEqual(['a failed'])
    expect(seen).toEqual([
      { name: 'RangeError', message: 'minor thing' },
      { name: 'RangeError', message: 'major thing' },
    ])
    expect(directives(world)).toEqual(['resume', 'stop'])
    await world.recover()
    expect(seen).toHaveLength(2)
  })

  it('leaves to its supervisor what it says nothing of, and that to the default', async () => {
    const world = await worldOf(
      ({ message }) => (message === 'mine' ? 'resume' : undefined),
      ({ message }) => (message === 'yours' ? 'stop' : undefined),
    )
    for (const message of ['mine', "nobody's", 'yours']) world.tell(A, 'fail', message)
    await world.settle()
    expect(directives(world)).toEqual(['resume', 'restart', 'stop'])
  })

  it.each<[string, Decide]>([
    [
      'throws',
      () => {
        throw new TypeError('undecided')
      },
    ],
    ['gives back what is no directive', () => 'ignore' as never],
  ])('fails its supervisor when it %s, and the reason says about what', async (_name, decide) => {
    const world = await worldOf(decide)
    await failEach(world, A)
    expect(incarnations(world, GROUP, A, `${GROUP}/b`)).toEqual([2, 2, 2])
    const { context, error } = world.recordsOf('failed').at(-1)!.data()
    expect([context, error.code]).toEqual(['child', 'HF_DECISION_FAILED'])
    expect(error.message).toContain('a failed')
    expect(directives(world)).toEqual(['escalate', 'restart'])
  })
})
