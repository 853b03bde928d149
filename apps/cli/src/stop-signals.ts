import { EXIT } from './exit-codes.js'
import type { Output } from './output.js'
import type { StopSignal, Terminal } from './terminal.js'

/** Milliseconds within which two signals are one wish: npm hands on a Ctrl-C that the terminal has sent already. */
const ONE_WISH_MS = 250

/** What the first wish to end does. */
export type OnStop = (signal: StopSignal, code: number) => void

/** Hears the wishes to end: the first one stops in order, the second one does not wait for that. */
export class StopSignals {
  readonly #terminal: Pick<Terminal, 'exit' | 'monotonic'>
  readonly #output: Pick<Output, 'warn'>
  readonly #forget: () => void
  #stop: OnStop | null = null
  #firstAt: number | null = null

  constructor(terminal: Pick<Terminal, 'exit' | 'monotonic' | 'onSignal'>, output: Pick<Output, 'warn'>) {
    this.#terminal = terminal
    this.#output = output
    this.#forget = terminal.onSignal((signal) => {
      this.#hear(signal)
    })
  }

  /** Says what the first wish does. Until then there is nothing that could be stopped in order. */
  onFirst(stop: OnStop): void {
    this.#stop = stop
  }

  /** Hears nothing any more. */
  end(): void {
    this.#forget()
  }

  #hear(signal: StopSignal): void {
    const code = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated
    const now = this.#terminal.monotonic()
    if (this.#firstAt === null && this.#stop !== null) {
      this.#firstAt = now
      this.#output.warn(
        `${signal}: stopping in order; the same command goes on from here. Once more ends it at once.`,
      )
      this.#stop(signal, code)
      return
    }
    if (this.#firstAt !== null && now - this.#firstAt < ONE_WISH_MS) return
    this.#output.warn(
      `${signal}: ended at once. What was acknowledged is on disk, and the same command goes on from there.`,
    )
    this.#terminal.exit(code)
  }
}
