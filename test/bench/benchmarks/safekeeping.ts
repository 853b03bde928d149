// What it costs to keep a log safe: encrypted, backed up, verified, with digests of the states.

import type { Benchmark } from './benchmark.js'

export const safekeeping: readonly Benchmark[] = [
  {
    name: 'chain',
    measures:
      'Durable messages to 1,000 actors, as in `tell-durable`, with the checksum of each batch and the SHA-256 that chains it to the ' +
      'one before. `off` makes neither, and writes zeros in their place.',
    unit: 'messages/s',
    better: 'higher',
    target: { times: 0.9, of: 'off' },
    ours: 'on',
    against: ['off'],
    isDurable: true,
  },
  {
    name: 'encryption',
    measures:
      'Durable messages to 1,000 actors, as in `tell-durable`, with everything on disk encrypted with AES-256-GCM. `none` is ' +
      'not encrypted.',
    unit: 'messages/s',
    better: 'higher',
    target: { times: 0.75, of: 'none' },
    ours: 'aes',
    against: ['none'],
    isDurable: true,
  },
  {
    name: 'backup',
    measures:
      'Durable messages to 1,000 actors, as in `tell-durable`, while another process makes one backup after the other of the ' +
      'same data on the same disk, and verifies each. `none` has no backup beside it.',
    unit: 'messages/s',
    better: 'higher',
    target: { times: 0.9, of: 'none' },
    ours: 'during',
    against: ['none'],
    isDurable: true,
  },
  {
    name: 'verify',
    measures:
      'Log of messages of a kilobyte, each with its turn, that is verified: every checksum, the chain, every record, the ' +
      'index. `hashes` reads the same bytes and makes the CRC-32 and the SHA-256 of each batch, and nothing else.',
    unit: 'MB/s',
    better: 'higher',
    target: { value: 500 },
    ours: 'holdfast',
    against: ['hashes'],
    isDurable: true,
  },
  {
    name: 'digests',
    measures:
      'Durable messages to 1,000 actors with a digest of the state every 64 turns, as by default. `none` writes none.',
    unit: 'messages/s',
    better: 'higher',
    target: { times: 0.95, of: 'none' },
    ours: 'sampled',
    against: ['none'],
    isDurable: true,
  },
  {
    name: 'digests-every',
    measures: 'The same with a digest after every turn.',
    unit: 'messages/s',
    better: 'higher',
    target: { times: 0.5, of: 'none' },
    ours: 'turn',
    against: ['none'],
    isDurable: true,
  },
]
