// Output
// ======
// What a command says, and where: the result to stdout, everything else to stderr. With `--json` the result is one
// document, and what is not a failure stays unsaid.

import { paintFor, takesColour, type Paint } from './paint.js'
import type { Terminal } from './terminal.js'
import { UsageError } from './usage-error.js'

/** How the user wants to be spoken to. */
export interface OutputOptions {
  /** One JSON document instead of text. */
  readonly json: boolean
  /** False after `--no-color`. */
  readonly color: boolean
  /** Stacks of errors, and what a running system decides. */
  readonly verbose: boolean
}

/** The voice of one command. */
export class Output {
  readonly json: boolean
  readonly verbose: boolean
  /** Colours of stdout. */
  readonly paint: Paint
  /** Colours of stderr. */
  readonly side: Paint
  readonly #terminal: Terminal

  constructor(terminal: Terminal, options: OutputOptions) {
    this.#terminal = terminal
    this.json = options.json
    this.verbose = options.verbose
    this.paint = paintFor(takesColour(terminal.stdout, terminal.env, options.color && !options.json))
    this.side = paintFor(takesColour(terminal.stderr, terminal.env, options.color && !options.json))
  }

  /** Whether somebody looks at stderr who may be shown progress. */
  get isWatched(): boolean {
    const { env, stderr } = this.#terminal
    return stderr.isTTY === true && !this.json && (env['CI'] ?? '') === ''
  }

  /** One line of the result. */
  line(text = ''): Promise<void> {
    return this.#terminal.stdout.write(`${text}\n`)
  }

  /**
   * The result as a document; `name` and its version become the schema. It is made whole before any of it is written, so
   * that stdout never holds a part of one.
   */
  async document(name: string, body: object): Promise<void> {
    await this.line(documentText({ schema: schemaOf(name), ...body }))
  }

  /** A line beside the result; not said with `--json`. */
  note(text: string): void {
    if (!this.json) void this.#terminal.stderr.write(`${text}\n`)
  }

  /** A line that must be seen, whatever the format of the result. */
  warn(text: string): void {
    void this.#terminal.stderr.write(`${text}\n`)
  }

  /** Replaces the line of progress; an empty text clears it. */
  progress(text: string): void {
    if (this.isWatched) void this.#terminal.stderr.write(`\r\u001b[K${text}`)
  }
}

/** The schema of a document, e.g. `holdfast.tree/1`. The number changes when a field changes its meaning. */
export function schemaOf(name: string): string {
  return `holdfast.${name}/1`
}

// A text has at most half a billion characters, and `JSON.stringify` calls itself for every level of nesting.
function documentText(document: object): string {
  try {
    return JSON.stringify(document, null, 2)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new UsageError('The result is too large or too deep for one JSON document.', {
      field: 'json',
      hint: '`holdfast journal --limit all --ndjson` writes one document a line, `holdfast ps --json` does not nest.',
    })
  }
}
