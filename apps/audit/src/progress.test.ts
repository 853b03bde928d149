import { describe, expect, it } from 'vitest'
import { Progress } from './progress.js'
import { reporter, type ReporterState } from './reporter.js'

function streamOf(isTTY: boolean, columns = 80) {
  const written: string[] = []
  return { isTTY, columns, written, write: (text: string) => written.push(text) }
}

const empty = reporter.spec.state!(undefined)
const stateOf = (done: number, found: number, name = 'p'): ReporterState => ({
  ...empty,
  found,
  isCrawled: true,
  packages: Array.from({ length: done }, () => ({ name, version: '1.0.0' })) as ReporterState['packages'],
})

describe('on a terminal', () => {
  it('a bar is drawn over itself, within the line, and taken away for good', () => {
    const stream = streamOf(true, 60)
    const progress = new Progress(stream)
    progress.show(stateOf(0, 0))
    progress.show(stateOf(1, 4, 'a\u001b[2Jb'.repeat(20)))
    progress.end()
    progress.end()
    progress.show(stateOf(2, 4))
    expect(stream.written).toHaveLength(3)
    const bar = stream.written[1]!
    expect(bar).toMatch(/^\r█{6}░{18} 1 of 4 packages audited {2}a\\u\{1b\}/u)
    expect(bar.replace('\r', '').replace('\u001b[K', '')).toHaveLength(59)
    expect(stream.written[2]).toBe('\r\u001b[K')
  })

  it('nothing is written when nothing has changed', () => {
    const stream = streamOf(true)
    const progress = new Progress(stream)
    progress.show(stateOf(1, 2))
    progress.show(stateOf(1, 2))
    expect(stream.written).toHaveLength(1)
  })

  it('a line that stays begins at the left', () => {
    const stream = streamOf(true)
    const progress = new Progress(stream)
    progress.show(stateOf(1, 2))
    progress.say('hello')
    expect(stream.written.slice(1)).toEqual(['\r\u001b[K', 'hello\n'])
  })
})

it('elsewhere there is a plain line now and then', () => {
  const stream = streamOf(false)
  let nowMs = 0
  const progress = new Progress(stream, () => nowMs)
  progress.show(stateOf(1, 9))
  nowMs = 5_000
  progress.show({ ...stateOf(2, 9), isCrawled: false })
  nowMs = 9_999
  progress.show(stateOf(3, 9))
  nowMs = 10_000
  progress.show(stateOf(4, 9))
  progress.end()
  expect(stream.written).toEqual(['2 packages audited, 9 found so far\n', '4 of 9 packages audited\n'])
})
