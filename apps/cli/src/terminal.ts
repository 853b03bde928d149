// What the command line has of the world: two streams, the environment, signals and an end. Commands get it as an
// argument, so that tests run them without a process of their own.

import { createInterface } from 'node:readline'
import { EXIT } from './exit-codes.js'

/** Where text goes. */
export interface Sink {
  readonly isTTY?: boolean
  /** Characters that stand on one line, when that is known. */
  readonly columns?: number | undefined
  /** Resolves when there is room for more. */
  write(text: string): Promise<void>
}

/** Where somebody types. */
interface Source {
  /** The next line; `undefined` when there are no more. */
  line(): Promise<string | undefined>
}

/** A wish to end that comes from outside. */
export type StopSignal = 'SIGINT' | 'SIGTERM'

/** What a command has of the world. */
export interface Terminal {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Sink
  readonly stderr: Sink
  readonly stdin: Source
  /** Milliseconds that only go forward. */
  monotonic(): number
  /** Hears of Ctrl-C and of SIGTERM. @returns the way to stop listening */
  onSignal(listener: (signal: StopSignal) => void): () => void
  /** Ends the process once what was written is out. */
  exit(code: number): void
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  endWithReader(process.stdout)
  return {
    cwd: process.cwd(),
    env: process.env,
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    stdin: new Lines(() => process.stdin),
    monotonic: () => performance.now(),
    onSignal,
    exit: (code) => {
      process.exitCode = code
      process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
    },
  }
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  return {
    isTTY: stream.isTTY,
    get columns() {
      return stream.columns as number | undefined
    },
    write: (text) => {
      if (stream.write(text)) return Promise.resolve()
      return new Promise((resolve) => stream.once('drain', resolve))
    },
  }
}

// The stream is opened when somebody waits for the first line: one that is open keeps the process alive.
class Lines implements Source {
  readonly #stream: () => NodeJS.ReadableStream
  #lines: AsyncIterator<string> | null = null

  constructor(stream: () => NodeJS.ReadableStream) {
    this.#stream = stream
  }

  async line(): Promise<string | undefined> {
    this.#lines ??= createInterface({ input: this.#stream(), terminal: false })[Symbol.asyncIterator]()
    const next = await this.#lines.next()
    return next.done === true ? undefined : next.value
  }
}

// `holdfast journal | head` closes the pipe when it has enough. The end is quiet, with the exit code of a SIGPIPE as of
// any other tool: a run that loses its reader must not look as if it had come to its end.
function endWithReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.readerGone)
    throw error
  })
}

function onSignal(listener: (signal: StopSignal) => void): () => void {
  const signals: readonly StopSignal[] = ['SIGINT', 'SIGTERM']
  for (const signal of signals) process.on(signal, listener)
  return () => {
    for (const signal of signals) process.off(signal, listener)
  }
}
