// Mermaid
// =======
// A course as a sequence diagram in the text that Mermaid reads. Names come from messages and may hold anything; Mermaid
// ends a statement at a line break or a semicolon and has words of its own, so that everything but letters, digits and
// a few signs is written as an entity.

import type { LogRecord } from '@holdfast/kernel'
import { inert } from '../inert.js'
import { shorten } from '../printable.js'

/** Lines of a diagram, its participants left aside. */
export const DIAGRAM_LINES_MAX = 100

/** A course as the lines of a diagram. */
export function sequenceDiagram(records: Iterable<LogRecord>, path: (id: number) => string): string[] {
  const diagram = new Diagram(path)
  for (const record of records) diagram.add(record)
  return diagram.lines()
}

/** Text that Mermaid only shows. */
export function mermaidText(text: string): string {
  const short = shorten(inert(text), LABEL_WIDTH)
  const escaped = short.replace(/[^\p{L}\p{N} /_.,()+=-]/gu, (sign) => `#${sign.codePointAt(0)!};`)
  return escaped.trim() === '' ? '#45;' : escaped
}

class Diagram {
  readonly #path: (id: number) => string
  readonly #participants = new Map<string, string>()
  readonly #lines: string[] = []
  /** Who asked, by the message. */
  readonly #senders = new Map<number, number>()
  #left = 0

  constructor(path: (id: number) => string) {
    this.#path = path
  }

  add(record: LogRecord): void {
    const { actor } = record
    const me = (): string => this.#participant(this.#path(actor))
    if (record.kind === 'message') {
      const { sender, type, position, timer } = record
      this.#senders.set(position, sender)
      if (timer === undefined) this.#line(() => `${this.#sender(sender)}->>${me()}: ${mermaidText(type)}`)
      else this.#line(() => `${me()}->>${me()}: ${mermaidText(`timer ${type}`)}`)
    } else if (record.kind === 'turn') {
      if (record.answered)
        this.#line(
          () =>
            `${me()}-->>${this.#sender(this.#senders.get(record.message) ?? 0)}: ${mermaidText('answer')}`,
        )
    } else if (record.kind === 'effect') {
      const { name = '', ok, error } = record.data()
      const result = ok ? 'done' : `failed ${error?.name ?? ''}`
      this.#line(() => `Note over ${me()}: ${mermaidText(`effect ${name} ${result}`)}`)
    } else if (record.kind === 'failed') {
      const { error } = record.data()
      const to = this.#senders.get(record.cause) ?? actor
      this.#line(() => `${me()}-x${this.#sender(to)}: ${mermaidText(`${error.name} ${error.message}`)}`)
    } else this.#decided(record, me)
  }

  #decided(record: LogRecord, me: () => string): void {
    if (record.kind === 'directive') {
      const { supervisor, directive, affected } = record.data()
      const text = mermaidText(`${directive} ${affected.join(', ')}`)
      this.#line(() => `${this.#participant(supervisor)}->>${me()}: ${text}`)
    } else if (record.kind === 'restarted') {
      const { incarnation } = record.data()
      this.#line(() => `Note over ${me()}: ${mermaidText(`restarted, incarnation ${incarnation}`)}`)
    } else if (record.kind === 'quarantined') this.#line(() => `Note over ${me()}: quarantined`)
    else if (record.kind === 'dead')
      this.#line(() => `Note over ${me()}: ${mermaidText(`dead letter, ${record.data().reason}`)}`)
    else if (record.kind === 'gave-up') this.#line(() => `Note over ${me()}: gave up`)
  }

  lines(): string[] {
    const participants = [...this.#participants].map(
      ([path, id]) => `participant ${id} as ${mermaidText(path)}`,
    )
    const first = this.#participants.values().next().value
    const rest =
      this.#left > 0 && first !== undefined
        ? [`Note over ${first}: ${this.#left} more lines are left out`]
        : []
    return ['sequenceDiagram', ...[...participants, ...this.#lines, ...rest].map((line) => `  ${line}`)]
  }

  // What is left out names nobody, so that nobody stands in the diagram without a line.
  #line(make: () => string): void {
    if (this.#lines.length < DIAGRAM_LINES_MAX) this.#lines.push(make())
    else this.#left++
  }

  #sender(id: number): string {
    return this.#participant(id === 0 ? OUTSIDE : this.#path(id))
  }

  #participant(path: string): string {
    const known = this.#participants.get(path)
    if (known !== undefined) return known
    const id = `p${this.#participants.size + 1}`
    this.#participants.set(path, id)
    return id
  }
}

const OUTSIDE = 'outside'
const LABEL_WIDTH = 60
