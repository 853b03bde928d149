export type { BreakerOptions } from './breaker-options.js'
export { breakerMachine, nextBreakerState, type BreakerEvent, type BreakerState } from './breaker-states.js'
export { circuitBreaker, type BreakerChange, type CircuitBreaker } from './circuit-breaker.js'
export { CircuitOpenError, ERROR_CODES, HoldfastError, type ErrorCode } from './errors.js'
