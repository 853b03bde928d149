/** What a benchmark wants to reach: a figure, or so many times what a contender measured in the same run. */
type Target = { readonly value: number } | { readonly times: number; readonly of: string }

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
  /** The value is what `ours` measured minus what this contender measured in the same round. */
  readonly minus?: string
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
    name: 'supervision-cost',
    measures:
      'What a supervisor adds to the cost of a message while nothing fails; ' +
      '`unsupervised` is the whole cost of a message without one.',
    unit: 'ns/message',
    better: 'lower',
    target: { value: 20 },
    ours: 'holdfast',
    against: ['unsupervised'],
    minus: 'unsupervised',
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
]
