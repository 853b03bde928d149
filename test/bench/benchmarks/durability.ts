// What it costs that every message is on the disk, and how quickly a system is there again.

import type { Benchmark } from './benchmark.js'

export const durability: readonly Benchmark[] = [
  {
    name: 'tell-durable',
    measures:
      'Messages to 1,000 actors, handled and with their turns on stable storage. ' +
      '`lmdb` writes the same records without actors.',
    unit: 'messages/s',
    better: 'higher',
    target: { value: 1_000_000 },
    ours: 'holdfast',
    against: ['lmdb'],
    isDurable: true,
  },
  {
    name: 'ask-durable',
    measures:
      'Median time until an ask is answered, one at a time; the answer waits for stable storage. ' +
      '`lmdb` is one flushed commit of one small value.',
    unit: 'ms',
    better: 'lower',
    target: { times: 1.5, of: 'lmdb' },
    ours: 'holdfast',
    against: ['lmdb'],
    isDurable: true,
  },
  {
    name: 'bytes',
    measures: 'Disk space of the data directory for each message told and handled, index and all.',
    unit: 'bytes/message',
    better: 'lower',
    target: { value: 60 },
    ours: 'holdfast',
    against: ['lmdb'],
    isDurable: true,
  },
  {
    name: 'recover',
    measures:
      'Turns replayed while a system starts again whose process was killed. ' +
      '`lmdb` reads and folds the same records without actors.',
    unit: 'turns/s',
    better: 'higher',
    target: { value: 1_000_000 },
    ours: 'holdfast',
    against: ['lmdb'],
    isDurable: true,
  },
  {
    name: 'recover-first',
    measures:
      'Time until a system answers again whose process was killed: 10,000 actors with a million turns between them, the ' +
      'last one three seconds before the end. `lmdb` reads and folds the same records without actors.',
    unit: 's',
    better: 'lower',
    target: { value: 0.5 },
    ours: 'holdfast',
    against: ['lmdb'],
    isDurable: true,
  },
  {
    name: 'recover-all',
    measures: 'The same until every one of them has answered.',
    unit: 's',
    better: 'lower',
    target: { value: 3 },
    ours: 'holdfast',
    against: ['lmdb'],
    isDurable: true,
  },
  {
    name: 'snapshot',
    measures:
      'How long the event loop stands still for the snapshot of a state of one megabyte, 10,000 objects with five fields. `pack` ' +
      'packs the same state and does nothing with it.',
    unit: 'ms',
    better: 'lower',
    target: { value: 10 },
    ours: 'holdfast',
    against: ['pack'],
    isDurable: true,
  },
]
