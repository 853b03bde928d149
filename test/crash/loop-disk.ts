// A disk that can lose its power: an ext4 file system in an image, mounted so that the kernel writes nothing by itself for
// minutes. What a process has written and not flushed is in memory only; a copy of the image is what a power cut leaves.
// Mounting one needs Linux, root and loop devices; where these are not given, tests say what is missing and are skipped.

import { spawnSync } from 'node:child_process'
import { copyFileSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why no such disk can be mounted here, or `undefined` when one can. */
export function whyNoLoopDisk(): string | undefined {
  if (process.platform !== 'linux') return `a loop device needs Linux, and this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'mounting a loop device needs root, and this user is not'
  try {
    LoopDisk.make(8).end()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** An image that is mounted. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly dir: string
  readonly #place: string

  private constructor(place: string) {
    this.#place = place
    this.dir = join(place, 'mnt')
  }

  /** A fresh one of so many megabytes. */
  static make(megabytes: number): LoopDisk {
    const disk = new LoopDisk(mkdtempSync(join(tmpdir(), 'holdfast-loop-')))
    try {
      mkdirSync(disk.dir)
      run('truncate', '-s', `${megabytes}M`, disk.#image)
      run('mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', disk.#image)
      disk.#mount()
    } catch (error) {
      rmSync(disk.#place, { recursive: true })
      throw error
    }
    return disk
  }

  /** The disk as it would be if the power went now: mounted anew from what had reached the image. */
  powerCut(): LoopDisk {
    const left = new LoopDisk(mkdtempSync(join(tmpdir(), 'holdfast-loop-')))
    mkdirSync(left.dir)
    copyFileSync(this.#image, left.#image, constants.COPYFILE_FICLONE)
    left.#mount()
    return left
  }

  /** Unmounts it and takes it away. */
  end(): void {
    // Lazily: a process that is just ending, or a store that a failed test left open, must not keep the mount.
    run('umount', '-l', this.dir)
    rmSync(this.#place, { recursive: true })
  }

  get #image(): string {
    return join(this.#place, 'image')
  }

  #mount(): void {
    run('mount', '-o', 'loop,commit=300', this.#image, this.dir)
  }
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} failed: ${stderr || error?.message || status}`)
}
