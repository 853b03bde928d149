// Output
// ======
// What a command says, and where: the result to stdout, everything else to stderr. With `--json` the result is one
// document, and what is not a failure stays unsaid.

import { paintFor, takesColour, type Paint } from './paint.js'
import type { Terminal } from './terminal.js'

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

  /** The result as a document; `name` and its version become the schema. */
  async document(name: string, body: object): Promise<void> {
    await this.line(JSON.stringify({ schema: schemaOf(name), ...body }, null, 2))
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
