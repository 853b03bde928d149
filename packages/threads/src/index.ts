export { checkWatchdog, type WatchdogOptions } from './watchdog/watchdog-options.js'
export { checkThreads, type PoolOptions, type ThreadsOptions } from './pool/pool-options.js'
export { ThreadExecutor, type ExecutorParts } from './thread-executor.js'
export type { Values } from './wire/values.js'
