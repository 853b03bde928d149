// Supervisors: what they cost while nothing fails, and how quickly they restart and stop.

import type { Benchmark } from './benchmark.js'

export const supervision: readonly Benchmark[] = [
  {
    name: 'supervised-tell',
    measures:
      'How much more a told message costs below a supervisor than without one, while nothing fails: ' +
      '`unsupervised` is the same actor as the root of its system.',
    unit: '%',
    better: 'lower',
    target: { value: 5 },
    ours: 'holdfast',
    against: ['unsupervised'],
    excess: { over: 'unsupervised', unit: 'ns/message' },
  },
  {
    name: 'supervisor-bytes',
    measures:
      'Memory that a running supervisor without children keeps, after a full collection: its cell, its ' +
      'supervision, its name and its place among its siblings, but neither its definition, which it shares, nor ' +
      'its log, which is on the disk.',
    unit: 'bytes/supervisor',
    better: 'lower',
    target: { value: 1_000 },
    ours: 'holdfast',
    against: ['erlang'],
  },
  {
    name: 'child-spec-bytes',
    measures:
      'Memory that a system keeps for each child that the spec of a supervisor names, after a full collection: ' +
      'the spec, its id, and its places in the list and in the table of ids. The supervisor does not run, so that no ' +
      'child is counted; in Erlang it runs, and all of them answered `ignore`.',
    unit: 'bytes/spec',
    better: 'lower',
    target: { value: 300 },
    ours: 'holdfast',
    against: ['erlang'],
  },
  {
    name: 'restart',
    measures: 'Median time from the message that makes an actor crash until its next run handled a message.',
    unit: 'us',
    better: 'lower',
    target: { value: 30 },
    ours: 'holdfast',
    against: ['nact', 'erlang'],
  },
  {
    name: 'restart-durable',
    measures:
      'The same for a durable actor whose last snapshot lies 1,000 turns back, which are folded again each time. The ' +
      'turns of one actor lie together in the log. `lmdb` reads and folds a log of 1,000 turns and nothing else.',
    unit: 'ms',
    better: 'lower',
    target: { value: 2 },
    ours: 'holdfast',
    against: ['lmdb'],
    isDurable: true,
  },
  {
    name: 'restart-group',
    measures:
      'Median time from the message that makes the first of 1,000 children crash until all-for-one has started all ' +
      'of them again and the last one handled a message; in memory. Erlang has 1,000 gen_servers.',
    unit: 'ms',
    better: 'lower',
    target: { value: 30 },
    ours: 'holdfast',
    against: ['erlang'],
  },
  {
    name: 'stop-tree',
    measures:
      'Time to stop an actor with its 100,000 children, one after another in reverse start order, each with a stop ' +
      'hook that checks the order. Erlang has a supervisor of 100,000 gen_servers.',
    unit: 'ms',
    better: 'lower',
    target: { value: 1_000 },
    ours: 'holdfast',
    against: ['erlang'],
  },
  {
    name: 'stop-tree-deep',
    measures:
      'The same for 100 chains of 1,000 actors, each the child of the one before. `shallow` is 10,000 chains of 10, ' +
      'with about as many parents: depth alone costs nothing.',
    unit: 'ms',
    better: 'lower',
    target: { times: 1.5, of: 'shallow' },
    ours: 'holdfast',
    against: ['shallow'],
  },
]
