// How far the audit is, on standard error: a bar where it can be drawn over itself, and a line now and then elsewhere.

import { shown } from './inert.js'
import type { ReporterState } from './reporter.js'

/** What progress is written to. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Milliseconds between two lines where no bar can be drawn. */
const LINE_EVERY_MS = 5_000
const BAR_CHARS = 24
const COLUMNS = 80

/** Shows progress until it is ended. */
export class Progress {
  readonly #stream: ProgressStream
  readonly #now: () => number
  #drawn = ''
  #hasEnded = false
  #lastLineMs: number

  constructor(stream: ProgressStream = process.stderr, now: () => number = () => performance.now()) {
    this.#stream = stream
    this.#now = now
    this.#lastLineMs = now()
  }

  /** Shows how far it is now. */
  show(state: ReporterState): void {
    if (this.#hasEnded) return
    if (this.#stream.isTTY === true) this.#draw(state)
    else this.#line(state)
  }

  /** Writes a line that stays. */
  say(line: string): void {
    this.#clear()
    this.#stream.write(`${line}\n`)
  }

  /** Takes the bar away for good, so that what follows begins at the left. */
  end(): void {
    this.#clear()
    this.#hasEnded = true
  }

  #clear(): void {
    if (this.#drawn !== '') this.#stream.write('\r\u001b[K')
    this.#drawn = ''
  }

  #draw(state: ReporterState): void {
    const width = Math.max(20, (this.#stream.columns || COLUMNS) - 1)
    const filled = state.found === 0 ? 0 : Math.floor((BAR_CHARS * doneOf(state)) / state.found)
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_CHARS - filled)}`
    const text = `${bar} ${sentence(state)}  ${shown(lastOf(state), 60)}`.slice(0, width)
    if (text === this.#drawn) return
    this.#drawn = text
    this.#stream.write(`\r${text}\u001b[K`)
  }

  #line(state: ReporterState): void {
    const nowMs = this.#now()
    if (nowMs - this.#lastLineMs < LINE_EVERY_MS) return
    this.#lastLineMs = nowMs
    this.#stream.write(`${sentence(state)}\n`)
  }
}

/** Packages that are through, well or not. */
export function doneOf({ packages, broken }: ReporterState): number {
  return packages.length + broken.length
}

function sentence(state: ReporterState): string {
  const done = doneOf(state)
  if (state.isCrawled) return `${done} of ${state.found} packages audited`
  return `${done} packages audited, ${state.found} found so far`
}

function lastOf({ packages }: ReporterState): string {
  const last = packages.at(-1)
  return last === undefined ? '' : `${last.name}@${last.version}`
}
