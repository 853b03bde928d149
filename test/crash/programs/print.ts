import { writeSync } from 'node:fs'

/** Prints a line before the next statement runs: a process that is killed right after has said it. */
export function print(line: string): void {
  writeSync(1, `${line}\n`)
}
