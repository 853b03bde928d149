import { expect, it } from 'vitest'
import { NO_OVERSEER } from './overseer.js'

it('where nobody oversees a thread, everything runs as it stands and no turn is called off', async () => {
  expect(NO_OVERSEER.within(1, (of: number) => of + 1, 2)).toBe(3)
  expect(await NO_OVERSEER.loading(() => Promise.resolve('loaded'))).toBe('loaded')
  await expect(NO_OVERSEER.loading(() => Promise.reject(new Error('on purpose')))).rejects.toThrow(
    'on purpose',
  )
  NO_OVERSEER.enter(1)
  NO_OVERSEER.look(1, true)
  expect([NO_OVERSEER.isCalledOff(1, 1, 1), NO_OVERSEER.now()]).toEqual([false, 0])
})
