import type { MessageRecord } from '@holdfast/kernel'
import { expect, it } from 'vitest'
import { correlationNamed } from './correlation.js'
import type { OpenData } from './open-data.js'

const names = [
  { name: 'incident-123', position: 5 },
  { name: '7', position: 9 },
]

const data = {
  journal: {
    correlationOf: (name: string) => names.find((each) => each.name === name)?.position ?? 0,
    messageAt: (position: number) => (position === 6 ? ({ correlation: 5 } as MessageRecord) : undefined),
  },
  store: { names: () => names },
} as unknown as OpenData

it('a name goes before a position', () => {
  expect(correlationNamed(data, 'incident-123')).toBe(5)
  expect(correlationNamed(data, '7')).toBe(9)
})

it('the position of any message leads to its correlation', () => {
  expect(correlationNamed(data, '6')).toBe(5)
})

it.each(['incident-132', '8', '06', '-6', '99999999999999999999'])('%s is unknown', (wanted) => {
  expect(() => correlationNamed(data, wanted)).toThrow(
    expect.objectContaining({ code: 'HF_UNKNOWN_CORRELATION' }),
  )
})

it('what is near is offered', () => {
  expect(() => correlationNamed(data, 'incident-132')).toThrow(
    expect.objectContaining({ hint: 'Did you mean incident-123?' }),
  )
})
