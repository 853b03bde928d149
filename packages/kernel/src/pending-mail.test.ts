import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PendingMail } from './pending-mail.js'
import type { MessageRecord } from './records.js'

describe('pending mail', () => {
  it('for any order of coming and going it behaves like a map in order', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant('add' as const) },
      { weight: 4, arbitrary: fc.constant('first' as const) },
      { weight: 1, arbitrary: fc.nat() },
      { weight: 1, arbitrary: fc.constant('back' as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4_000, size: 'large' }), (steps) => {
        const mail = new PendingMail()
        const model: number[] = []
        const out: number[] = []
        let position = 0
        for (const what of steps) {
          if (what === 'add') {
            mail.add({ position: ++position } as MessageRecord)
            model.push(position)
          } else if (what === 'back') {
            const [back] = out.splice(position % (out.length + 1), 1)
            if (back === undefined) continue
            mail.putBack({ position: back } as MessageRecord)
            model.push(back)
            model.sort((a, b) => a - b)
          } else {
            const at = what === 'first' ? 0 : what % (model.length + 1)
            const [wanted] = model.splice(at, 1)
            expect(mail.take(wanted ?? position + 1)?.position).toBe(wanted)
            if (wanted === undefined) continue
            expect(mail.has(wanted)).toBe(false)
            out.push(wanted)
          }
          expect(mail.size).toBe(model.length)
        }
        expect(mail.values().map((each) => each.position)).toEqual(model)
      }),
      { numRuns: 30 },
    )
  })
})
