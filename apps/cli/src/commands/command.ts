import type { Output } from '../output.js'
import type { Terminal } from '../terminal.js'

/** What every command gets beside its own options. */
export interface Command {
  readonly terminal: Terminal
  readonly output: Output
}

/** The option of every command that reads. */
export interface DataOption {
  readonly data?: string
}
