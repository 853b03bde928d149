import { expect, it, vi } from 'vitest'
import { breakerFor, deliver, Rates } from './breaker.js'

it('takes the last rate while the service is left alone, and a new one when it is back', async () => {
  let nowMs = 0
  let answer = async (): Promise<number> => 1.25
  let calls = 0
  const rates = new Rates(
    breakerFor('rates', () => nowMs),
    () => {
      calls++
      return answer()
    },
  )
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
  expect(await rates.today()).toBe(1.25)

  answer = () => Promise.reject(new RangeError('down'))
  for (let i = 0; i < 3; i++) await expect(rates.today()).rejects.toThrow('down')
  expect([await rates.today(), calls]).toEqual([1.25, 4])
  expect(warned.mock.calls).toEqual([
    ['The circuit breaker "rates" is open for another 1000 ms. The call was not made. Taking the last rate.'],
  ])

  answer = async () => 1.5
  nowMs += 1_000
  expect(await rates.today()).toBe(1.5)
  warned.mockRestore()
})

it('delivers no letter to a post that has lost three', () => {
  let nowMs = 0
  const breaker = breakerFor('post', () => nowMs)
  const seen: string[] = []
  const post = (letter: string): boolean => {
    seen.push(letter)
    return nowMs > 0
  }
  const letters = ['a', 'b', 'c', 'd'].map((letter) => deliver(letter, post, breaker))
  expect([letters, seen]).toEqual([
    [false, false, false, false],
    ['a', 'b', 'c'],
  ])
  nowMs = 1_000
  expect(['e', 'f'].map((letter) => deliver(letter, post, breaker))).toEqual([true, true])
})
