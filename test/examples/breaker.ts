// region: breaker
import { circuitBreaker, CircuitOpenError, type CircuitBreaker } from 'holdfast'

/** A breaker for a service: three failures in a row, and it is left alone for a second, then for two, then for four. */
export function breakerFor(service: string, clock = () => performance.now()): CircuitBreaker {
  return circuitBreaker({ name: service, failures: 3, openMs: 1_000, openMaxMs: 30_000, clock })
}

/** The rate of today; while nobody can say, the last one that was heard. */
export class Rates {
  readonly #breaker: CircuitBreaker
  readonly #fetchRate: () => Promise<number>
  #last = 1

  constructor(breaker: CircuitBreaker, fetchRate: () => Promise<number>) {
    this.#breaker = breaker
    this.#fetchRate = fetchRate
  }

  async today(): Promise<number> {
    try {
      this.#last = await this.#breaker.run(this.#fetchRate)
    } catch (error) {
      if (!(error instanceof CircuitOpenError)) throw error
      console.warn(`${error.message} Taking the last rate.`)
    }
    return this.#last
  }
}
// end: breaker

// region: path
/** The same without a promise, for a path that is hot: whether the letter went out. */
export function deliver(letter: string, post: (letter: string) => boolean, breaker: CircuitBreaker): boolean {
  if (!breaker.allows()) return false
  const { generation } = breaker
  const isDelivered = post(letter)
  if (isDelivered) breaker.succeeded(generation)
  else breaker.failed(generation)
  return isDelivered
}
// end: path
