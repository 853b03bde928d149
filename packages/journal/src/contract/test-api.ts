// What the contract needs of a test runner. It brings none along: vitest, jest and the like pass their own functions.

/** What is expected of a value. */
export interface Expectation {
  toBe(expected: unknown): void
  toEqual(expected: unknown): void
  /** Holds an object against some of its fields. */
  toMatchObject(expected: object): void
}

/** The functions of a test runner. */
export interface TestApi {
  readonly describe: (name: string, body: () => void) => void
  readonly it: (name: string, body: () => Promise<void>) => void
  readonly beforeEach: (step: () => Promise<void>) => void
  readonly afterEach: (step: () => Promise<void>) => void
  readonly expect: (actual: unknown) => Expectation
}
