import type { LogWorld } from './log-world.js'
import type { TestApi } from './test-api.js'

/** A part of the contract: registers its tests, each of which works on the world of the moment. */
export type ContractPart = (api: TestApi, world: () => LogWorld) => void
