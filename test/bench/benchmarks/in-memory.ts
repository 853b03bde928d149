// What actors in memory cost, beside other libraries and Erlang.

import type { Benchmark } from './benchmark.js'

const PEERS = ['nact', 'comedy', 'xstate', 'erlang']

export const inMemory: readonly Benchmark[] = [
  {
    name: 'tell',
    measures: 'Messages that one actor in memory handles, told from outside in bursts.',
    unit: 'messages/s',
    better: 'higher',
    target: { value: 20_000_000 },
    ours: 'holdfast',
    against: PEERS,
  },
  {
    name: 'ping-pong',
    measures: 'Messages between two actors in memory that answer each other, one on its way at a time.',
    unit: 'messages/s',
    better: 'higher',
    target: { value: 15_000_000 },
    ours: 'holdfast',
    against: PEERS,
  },
  {
    name: 'spawn',
    measures: 'Actors started and left idle, all of them alive at the end.',
    unit: 'actors/s',
    better: 'higher',
    target: { value: 800_000 },
    ours: 'holdfast',
    against: PEERS,
  },
  {
    name: 'spawn-bytes',
    measures: 'Memory that one idle actor keeps, after a full collection.',
    unit: 'bytes/actor',
    better: 'lower',
    target: { value: 600 },
    ours: 'holdfast',
    against: PEERS,
  },
]
