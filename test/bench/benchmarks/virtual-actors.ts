// Actors that are brought to life by their first message, and sleep.

import type { Benchmark } from './benchmark.js'

export const virtualActors: readonly Benchmark[] = [
  {
    name: 'virtual',
    measures:
      'Virtual actors brought to life by their first message, which is handled and on stable storage with its turn. ' +
      'They are durable and the log is on a disk. `lmdb` writes a message and a turn for each without actors, ' +
      '`erlang` starts a process for each key and keeps nothing on a disk.',
    unit: 'actors/s',
    better: 'higher',
    target: { value: 100_000 },
    ours: 'holdfast',
    against: ['lmdb', 'erlang'],
    isDurable: true,
  },
  {
    name: 'virtual-wake',
    measures:
      'The same for virtual actors that sleep and have their states back from snapshots. `lmdb` reads a state by its ' +
      'key and writes a message and a turn. That they fall asleep again is not in the figure.',
    unit: 'actors/s',
    better: 'higher',
    target: { value: 100_000 },
    ours: 'holdfast',
    against: ['lmdb'],
    isDurable: true,
  },
  {
    name: 'virtual-bytes',
    measures:
      'Memory, on the heap and beside it, that one of a million sleeping virtual actors keeps after a full collection; ' +
      'its state and its log are on the disk. `map` is a JavaScript Map from the same keys to numbers.',
    unit: 'bytes/actor',
    better: 'lower',
    target: { value: 100 },
    ours: 'holdfast',
    against: ['map'],
  },
]
