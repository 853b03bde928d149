import { HoldfastError, type LogRecord } from '@holdfast/kernel'
import type { Evidence } from './evidence.js'
import { Paths, sliceOf, type Slice } from './slice.js'

/** One incident, ready to be looked at and replayed. It reads its evidence and never writes. */
export class Incident {
  /** Name of the correlation, or its position when it has no name. */
  readonly correlation: string
  /** The records of the correlation, in the order of the log. */
  readonly records: readonly LogRecord[]
  readonly paths: Paths
  readonly evidence: Evidence
  readonly #id: number
  #slice: Slice | null = null

  /** @throws {HoldfastError} `HF_UNKNOWN_CORRELATION` */
  constructor(evidence: Evidence, correlation: string) {
    this.evidence = evidence
    this.paths = new Paths(evidence)
    this.#id = idOf(evidence, correlation)
    this.correlation = evidence.correlationName(this.#id)
    this.records = [...evidence.readCorrelation(this.#id)]
  }

  /** What a replay needs beside the records: the actors, and all that they did up to the end. Cut when first asked. */
  get slice(): Slice {
    return (this.#slice ??= sliceOf(this.evidence, this.paths, this.#id, this.records))
  }

  /** Lets go of the evidence. */
  close(): Promise<void> {
    return this.evidence.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

// A name first: somebody may have named a correlation "42".
function idOf(evidence: Evidence, correlation: string): number {
  const named = evidence.correlationOf(correlation)
  if (named !== 0) return named
  const position = /^[1-9]\d*$/.test(correlation) ? Number(correlation) : 0
  const root = position === 0 ? undefined : evidence.messageAt(position)
  if (root !== undefined) return root.correlation
  throw new HoldfastError('HF_UNKNOWN_CORRELATION', `The log knows no correlation "${correlation}".`, {
    field: 'correlation',
    hint: 'Give the name that a message was sent with, or the position of its first message; `holdfast journal` shows both.',
  })
}
