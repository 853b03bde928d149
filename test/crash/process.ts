// A program of this folder in a process of its own, spoken to in lines: what it prints comes one line at a time, what
// it is told goes to its stdin, and nothing is waited for but its lines and its end.

import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** What it wrote to stderr, at most its last 4,000 characters. */
  readonly complaints: string
}

/** A program that runs. */
export class Program {
  readonly #child: ChildProcess
  /** It runs inside of another command: both are killed together. */
  readonly #isGroup: boolean
  readonly #lines: string[] = []
  readonly #ended: Promise<Ending>
  #wake: () => void = () => undefined
  #ending: Ending | null = null
  #rest = ''
  #complaints = ''

  /** Starts `programs/<name>.ts` with arguments, inside of another command if one is given. */
  constructor(
    name: string,
    args: readonly string[] = [],
    options: SpawnOptions = {},
    within: readonly string[] = [],
  ) {
    const file = fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url))
    // The private condition makes it run the sources, as the tests themselves do.
    const node = ['--conditions=@holdfast/source', '--import', 'tsx', file, ...args]
    const cwd = fileURLToPath(new URL('.', import.meta.url))
    const [command, ...before] = [...within, process.execPath]
    this.#isGroup = within.length > 0
    const how = { cwd, ...options, detached: this.#isGroup }
    this.#child = spawn(command, [...before, ...node], { ...how, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#take(text)
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-4_000)
    })
    // It may be gone when something is written to it: its end says so.
    this.#child.stdin?.on('error', () => undefined)
    this.#ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#ending = { code, signal, complaints: this.#complaints }
        this.#wake()
        resolve(this.#ending)
      }
      this.#child.on('close', end)
      this.#child.on('error', (error) => {
        this.#complaints += error.message
        end(-1, null)
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The next line that it prints; `undefined` when it has ended and there is none. */
  async line(): Promise<string | undefined> {
    while (this.#lines.length === 0 && this.#ending === null) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    return this.#lines.shift()
  }

  /** Waits for a line that starts so, and passes over others. @throws when the program ends before */
  async until(start: string): Promise<string> {
    for (let line = await this.line(); line !== undefined; line = await this.line()) {
      if (line.startsWith(start)) return line
    }
    const { code, signal, complaints } = await this.#ended
    throw new Error(`It ended with ${code ?? signal} before it said "${start}". ${complaints}`)
  }

  /** All lines that are left, up to its end. */
  async rest(): Promise<string[]> {
    await this.#ended
    return this.#lines.splice(0)
  }

  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Kills it at once. @returns when it is gone and everything that it printed was read */
  kill(): Promise<Ending> {
    if (this.#isGroup && this.#ending === null) process.kill(-this.pid, 'SIGKILL')
    else this.#child.kill('SIGKILL')
    return this.#ended
  }

  ended(): Promise<Ending> {
    return this.#ended
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n')
    // What comes behind the last line break is the start of a line, or what a killed process did not get out.
    this.#rest = lines.pop() ?? ''
    this.#lines.push(...lines)
    this.#wake()
  }
}
