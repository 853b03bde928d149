import { describe, expect, it } from 'vitest'
import { VirtualAuthorities } from './authorities/virtual.js'
import type { RecordedResult, RecordedTurn } from './cell.js'
import { RerunResults } from './rerun-results.js'

/** The results of a turn that asked for several things; `came` are the indexes of their results, as they were recorded. */
function resultsOf(came: readonly number[], isObserved: boolean) {
  const authorities = new VirtualAuthorities()
  const results = came.map((index, i): RecordedResult => {
    return {
      kind: 'effect',
      position: 10 + i,
      timeMs: i,
      attempt: 1,
      index,
      ok: true,
      value: `result ${index}`,
    }
  })
  const recorded = { turn: { position: 20 }, rerun: { results } } as unknown as RecordedTurn
  const rerun = new RerunResults(authorities, '/root/it', recorded, isObserved)
  const heard: unknown[] = []
  rerun.onStall((error) => heard.push(error.message))
  const wait = (index: number): void => {
    const failure = ({ message }: { readonly message: string }) => new Error(message)
    void rerun.wait(index, undefined, failure, `result ${index}`).then((value) => heard.push(value))
  }
  return { authorities, wait, heard }
}

const lacking = ['/root/it wants result 1, of which the turn at position 20 has no record.']

describe('results of a turn that is run again', () => {
  it('are given in the order of their records', async () => {
    const { authorities, wait, heard } = resultsOf([1, 0], false)
    wait(0)
    wait(1)
    await authorities.settle()
    expect(heard).toEqual(['result 1', 'result 0'])
  })

  it('wait for one that is asked for later, as it was then', async () => {
    const { authorities, wait, heard } = resultsOf([0, 1], false)
    wait(1)
    for (let round = 0; round < 100; round++) authorities.defer(() => undefined)
    authorities.defer(() => {
      wait(0)
    })
    await authorities.settle()
    expect(heard).toEqual(['result 0', 'result 1'])
  })

  it('that are held up by one that nobody asks for end the turn', async () => {
    const { authorities, wait, heard } = resultsOf([0, 1], false)
    wait(1)
    await authorities.settle()
    expect(heard).toEqual(lacking)
  })

  it('that are held up by one that nobody asks for are given all the same when somebody observes the turn', async () => {
    const { authorities, wait, heard } = resultsOf([0, 2, 1], true)
    wait(1)
    await authorities.settle()
    expect(heard).toEqual(['result 1'])
  })

  it('that were left out do not come any more', async () => {
    const { authorities, wait, heard } = resultsOf([1, 0], true)
    wait(0)
    await authorities.settle()
    wait(1)
    await authorities.settle()
    expect(heard).toEqual(['result 0', ...lacking])
  })
})
