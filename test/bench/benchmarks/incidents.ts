// Finding an incident in a large log, cutting it out, playing it again and shrinking it.

import type { Benchmark } from './benchmark.js'

export const incidents: readonly Benchmark[] = [
  {
    name: 'incident',
    measures:
      'Time to find the records of one correlation among 10 million. `scan` reads every record of such a log.',
    unit: 'ms',
    better: 'lower',
    target: { value: 10 },
    ours: 'holdfast',
    against: ['scan'],
    isDurable: true,
  },
  {
    name: 'replay',
    measures:
      'Turns replayed and compared with their records, of an incident of a million turns on 50 actors, without digests. ' +
      '`fold` runs the same handler over the same payloads, unpacked one after the other, and compares nothing.',
    unit: 'turns/s',
    better: 'higher',
    target: { value: 1_000_000 },
    ours: 'holdfast',
    against: ['fold'],
    isDurable: true,
  },
  {
    name: 'replay-digests',
    measures: 'The same where every turn has a digest of its state in the log, and each of them is compared.',
    unit: 'turns/s',
    better: 'higher',
    target: { value: 200_000 },
    ours: 'holdfast',
    against: ['fold'],
    isDurable: true,
  },
  {
    name: 'replay-memory',
    measures:
      'Memory of the process after it has replayed a slice of a million turns. `fold` is a process that has the payloads of ' +
      'as many messages in memory and runs their handler.',
    unit: 'MB',
    better: 'lower',
    target: { value: 300 },
    ours: 'holdfast',
    against: ['fold'],
    isDurable: true,
  },
  {
    name: 'slice',
    measures:
      'Time to cut an incident of 1,000 messages and 50 actors out of a log of 10 million records: its records, its actors, ' +
      'their births and snapshots. `scan` reads every record of such a log.',
    unit: 'ms',
    better: 'lower',
    target: { value: 50 },
    ours: 'holdfast',
    against: ['scan'],
    isDurable: true,
  },
  {
    name: 'slice-turns',
    measures:
      'The same with every turn read that a replay of it runs: those of the incident, and 125,000 that its actors did ' +
      'for others since their snapshots, which lie all over the log.',
    unit: 'ms',
    better: 'lower',
    target: { times: 1, of: 'scan' },
    ours: 'holdfast',
    against: ['scan'],
    isDurable: true,
  },
  {
    name: 'shrink',
    measures:
      'Time to shrink an incident of 1,000 messages to the two that its failure needs. `one-by-one` leaves away one message ' +
      'after the other.',
    unit: 's',
    better: 'lower',
    target: { value: 30 },
    ours: 'holdfast',
    against: ['one-by-one'],
    isDurable: true,
  },
]
