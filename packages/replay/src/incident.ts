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
  #records: readonly LogRecord[] | null = null
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

  /** The records of the incident itself, in the order of the log. */
  get records(): readonly LogRecord[] {
    const { correlation, from, to } = this.focus
    return (this.#records ??= [
      ...(correlation === 0 ? this.evidence.read(from, to + 1) : this.evidence.readCorrelation(correlation)),
    ])
  }

  /** What a replay needs of the log: the actors, and all that they did up to the end. Cut when first asked. */
  get slice(): Slice {
    return (this.#slice ??= sliceOf(this.evidence, this.paths, this.focus, this.records))
  }

  /** Lets go of the evidence. */
  close(): Promise<void> {
    return this.evidence.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
