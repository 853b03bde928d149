import type { LogRecord } from '@holdfast/kernel'
import type { Evidence } from './evidence.js'
import { focusOf, type Focus, type IncidentName } from './focus.js'
import { Paths } from './paths.js'
import { sliceOf, type Slice } from './slice.js'

/** One incident, ready to be looked at and replayed. It reads its evidence and never writes. */
export class Incident {
  readonly evidence: Evidence
  readonly paths: Paths
  /** What of the log it is. */
  readonly focus: Focus
  #slice: Slice | null = null

  /** @throws {HoldfastError} `HF_UNKNOWN_CORRELATION`, `HF_NO_SUCH_ACTOR`, `HF_INVALID` */
  constructor(evidence: Evidence, name: IncidentName) {
    this.evidence = evidence
    this.paths = new Paths(evidence)
    this.focus = focusOf(evidence, this.paths, name)
  }

  /** Name of the correlation, or its position when it has no name; the two positions when it is a range. */
  get correlation(): string {
    return this.focus.name
  }

  /** Reads the records of the incident itself, in the order of the log. */
  read(): Iterable<LogRecord> {
    const { correlation, from, to } = this.focus
    return correlation === 0 ? this.evidence.read(from, to + 1) : this.evidence.readCorrelation(correlation)
  }

  /** The records of the incident itself, all of them. */
  get records(): readonly LogRecord[] {
    return [...this.read()]
  }

  /** What a replay needs of the log: the actors, and all that they did up to the end. Cut when first asked. */
  get slice(): Slice {
    return (this.#slice ??= sliceOf(this.evidence, this.paths, this.focus, this.read()))
  }

  /** Lets go of the evidence. */
  close(): Promise<void> {
    return this.evidence.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
