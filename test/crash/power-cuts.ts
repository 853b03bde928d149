// Power cuts behind every call of a program, one after the other, on a model of a disk.

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LmdbStore, LOG_FILE } from '@holdfast/journal'
import { ModelDisk, type Leaves, type Left } from './model-disk.js'
import { tracedCalls, type DiskCall } from './traced-disk.js'

/** A disk in memory, where there is one: what is checked is what stands there, not that it lasts. */
const IN_MEMORY = '/dev/shm'

/** Says how the file of a store was left. It is never flushed, and nothing rests on it. */
const LAST_USE = 'last-use.json'

/** Bytes of a file that nobody has opened yet: it is not said to be open. */
const UNBORN_BYTES = 12_288

/** Which cuts are made, and of what. */
export interface Cuts {
  readonly left: Left
  /** What the disk does not do. @default nothing is left out */
  readonly leavesOut?: Leaves
  /** Whether this cut is made. @default all of them */
  readonly isMade?: () => boolean
}

/** A place for what programs write and for what is left of it. */
export class PowerCuts {
  readonly place = mkdtempSync(join(existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir(), 'holdfast-power-'))
  readonly #alive = new LmdbStore({ dir: join(this.place, 'alive') })
  #made = 0

  /** A folder that a program may write to, as a disk of its own. */
  disk(name: string): string {
    const top = join(this.place, name)
    mkdirSync(top)
    return top
  }

  trace(program: string, args: readonly string[], top: string): Promise<readonly DiskCall[]> {
    return tracedCalls(program, args, top)
  }

  /**
   * Takes the power away before each call that changes what is left, and behind the last one. `check` gets what is left, and
   * what was said by then.
   *
   * @returns how often
   */
  async each(
    top: string,
    calls: readonly DiskCall[],
    { left, leavesOut, isMade = () => true }: Cuts,
    check: (dir: string, heard: readonly string[]) => Promise<void>,
  ): Promise<number> {
    const disk = new ModelDisk(top, leavesOut)
    const heard: string[] = []
    let cuts = 0
    for (const [n, call] of [...calls, undefined].entries()) {
      if (call === undefined || (disk.matters(call, left) && isMade())) {
        await this.#one(disk, left, (dir) => check(dir, heard)).catch((error: unknown) => {
          const before = JSON.stringify({ ...calls[n - 1], bytes: undefined })
          throw new Error(`The power went behind call ${n} of ${calls.length}: ${before}`, { cause: error })
        })
        cuts++
      }
      if (call?.kind === 'said') heard.push(call.line)
      else if (call !== undefined) disk.take(call)
    }
    return cuts
  }

  async end(): Promise<void> {
    await this.#alive.close()
    rmSync(this.place, { recursive: true, force: true })
  }

  async #one(disk: ModelDisk, left: Left, check: (dir: string) => Promise<void>): Promise<void> {
    const dir = join(this.place, `left-${this.#made++}`)
    try {
      disk.put(dir, left, (name) => name === LAST_USE || name === `${LOG_FILE}-lock`)
      this.#vouch(dir)
      await check(dir)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }

  // Who says that he has a directory open, and lives, is believed: no other process goes through it first. And nobody looks
  // at it in the moment in which the power goes.
  #vouch(dir: string): void {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (entry.isDirectory()) this.#vouch(join(dir, entry.name))
      else if (entry.name === LOG_FILE) {
        utimesSync(join(dir, LOG_FILE), 0, 0)
        if (statSync(join(dir, LOG_FILE)).size > UNBORN_BYTES)
          cpSync(join(this.place, 'alive', LAST_USE), join(dir, LAST_USE))
      }
    }
  }
}
