// Actors in threads, beside bare ones.

import type { Benchmark } from './benchmark.js'

export const threads: readonly Benchmark[] = [
  {
    name: 'thread-tell',
    measures:
      'Durable messages to 8 actors in one thread, each with its turn and with what that tells back to an actor in the main ' +
      'thread, handled as well. `batches` are bare batches of 512 in one `postMessage` there and back, of which nothing is ' +
      'stored; `piscina` is one task a message.',
    unit: 'messages/s',
    better: 'higher',
    target: { value: 500_000 },
    ours: 'holdfast',
    against: ['batches', 'piscina'],
    isDurable: true,
  },
  {
    name: 'thread-scale',
    measures: 'How many times as many turns that need only the processor two threads do as one thread.',
    unit: '×',
    better: 'higher',
    target: { value: 1.85 },
    ours: 'holdfast',
    against: ['piscina'],
  },
  {
    name: 'thread-death',
    measures:
      'Time from the end of a thread until 100 other actors that lived in it have answered again, with their states. `piscina` ' +
      'is the time until the next thread of a bare pool has answered.',
    unit: 'ms',
    better: 'lower',
    target: { value: 100 },
    ours: 'holdfast',
    against: ['piscina'],
    isDurable: true,
  },
  {
    name: 'thread-delay',
    measures:
      'How late a timer of the main thread is, at the 99th percentile, while a thread spins. `idle` has none that spins.',
    unit: 'ms',
    better: 'lower',
    target: { value: 5 },
    ours: 'spinning',
    against: ['idle'],
  },
]
