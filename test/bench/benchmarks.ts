/** What a benchmark wants to reach: a figure, or so many times what a contender measured in the same run. */
type Target = { readonly value: number } | { readonly times: number; readonly of: string }

interface Excess {
  readonly over: string
  /** What both of them measured; per cent is what comes of it. */
  readonly unit: string
}

/** One row of the table: what is measured, by whom, and what it should come to. */
export interface Benchmark {
  readonly name: string
  /** One sentence for the page: what exactly the figure counts. */
  readonly measures: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
  readonly target: Target
  /** The contender whose figure is the value. `<name>-<contender>.ts` in `contenders/` measures it. */
  readonly ours: string
  /** The contenders beside it in the same run, each with its own file. */
  readonly against: readonly string[]
  /** The value is by how many per cent what `ours` measured exceeds what another contender measured in the same round. */
  readonly excess?: Excess
  /** It waits for stable storage, so it means nothing on a file system that lives in memory. */
  readonly isDurable?: boolean
}

const PEERS = ['nact', 'comedy', 'xstate', 'erlang']

/** Every benchmark there is, in the order in which they run and are shown. */
export const benchmarks: readonly Benchmark[] = [
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
