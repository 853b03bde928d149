import type { Benchmark } from './benchmarks/benchmark.js'
import { durability } from './benchmarks/durability.js'
import { inMemory } from './benchmarks/in-memory.js'
import { incidents } from './benchmarks/incidents.js'
import { safekeeping } from './benchmarks/safekeeping.js'
import { supervision } from './benchmarks/supervision.js'
import { threads } from './benchmarks/threads.js'
import { virtualActors } from './benchmarks/virtual-actors.js'

/** Every benchmark there is, in the order in which they run and are shown. */
export const benchmarks: readonly Benchmark[] = [
  ...inMemory,
  ...durability,
  ...incidents,
  ...safekeeping,
  ...supervision,
  ...virtualActors,
  ...threads,
]
