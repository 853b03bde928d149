import { writeSync } from 'node:fs'

/** Prints a line before the next statement runs: a process that is killed right after has said it. */
export function print(line: string): void {
  const bytes = Buffer.from(`${line}\n`)
  for (let at = 0; at < bytes.byteLength;) {
    try {
      at += writeSync(1, bytes, at)
    } catch (error) {
      // Nobody has read for a while.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}
