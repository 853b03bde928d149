import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StallJudge, type Verdict } from './stall-judge.js'

const LOOK_MS = 25
const STALL_MS = 100
const END_MS = 300

/** Looks at these times, in order: [milliseconds since the look before, whether the heart has beaten since]. */
function verdicts(looks: readonly (readonly [number, boolean])[], endAfterMs = END_MS): Verdict[] {
  const judge = new StallJudge(STALL_MS, endAfterMs, LOOK_MS)
  let [nowMs, beats] = [1_000, 0]
  judge.look(beats, nowMs)
  return looks.map(([afterMs, hasBeaten]) => {
    nowMs += afterMs
    if (hasBeaten) beats++
    return judge.look(beats, nowMs)
  })
}

function times(count: number, verdict: Verdict): Verdict[] {
  return Array.from({ length: count }, () => verdict)
}

const beating = [LOOK_MS, true] as const
const still = [LOOK_MS, false] as const

describe('a loop that', () => {
  it('turns is well', () => {
    expect(new Set(verdicts(Array.from({ length: 100 }, () => beating)))).toEqual(new Set(['well']))
  })

  it('has stood still for its time is stalled once (W2), then still, and has no more time at the end', () => {
    const found = verdicts(Array.from({ length: 12 }, () => still))
    expect(found).toEqual([...times(3, 'well'), 'stalled', ...times(7, 'still'), 'end'])
  })

  it('is never ended when nobody wants that', () => {
    const found = verdicts(
      Array.from({ length: 1_000 }, () => still),
      Infinity,
    )
    expect(found).not.toContain('end')
  })

  it('goes on is told so once, and begins anew', () => {
    const stalled = [still, still, still, still]
    expect(verdicts([...stalled, beating, beating, ...stalled])).toEqual([
      ...['well', 'well', 'well', 'stalled', 'went-on', 'well'],
      ...['well', 'well', 'well', 'stalled'],
    ])
  })
})

describe('W1 a watchdog that was not run itself', () => {
  it('because the machine slept for an hour, ends nobody', () => {
    expect(verdicts([beating, [3_600_000, false], beating])).toEqual(['well', 'well', 'well'])
    expect(verdicts([still, [3_600_000, false], still])).toEqual(['well', 'well', 'stalled'])
  })

  it('counts the time of at most two looks for one, however late it comes', () => {
    const late = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 40 })
    fc.assert(
      fc.property(late, (times) => {
        const judge = new StallJudge(STALL_MS, Infinity, LOOK_MS)
        let nowMs = 0
        judge.look(0, nowMs)
        for (const [i, afterMs] of times.entries()) {
          nowMs += afterMs
          judge.look(0, nowMs)
          if (judge.stalledMs > (i + 1) * 2 * LOOK_MS) return false
        }
        return judge.stalledMs <= nowMs
      }),
    )
  })
})

describe('a stall that is excused', () => {
  it('does not count, and the next one has all of its time', () => {
    const judge = new StallJudge(STALL_MS, END_MS, LOOK_MS)
    for (let at = 0; at <= 200; at += LOOK_MS) judge.look(0, at)
    judge.excuse()
    expect(judge.look(0, 225)).toBe('well')
    expect(judge.stalledMs).toBe(LOOK_MS)
  })
})
