// A disk of a few megabytes in memory, for what happens when a disk is full. Mounting one needs Linux and root; where
// that is not given, the tests say what is missing and are skipped.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why no small disk can be mounted here, or `undefined` when one can. */
export function whyNoSmallDisk(): string | undefined {
  if (process.platform !== 'linux') return `a tmpfs needs Linux, and this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'mounting a tmpfs needs root, and this user is not'
  try {
    SmallDisk.mount(1).unmount()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** A mounted one. */
export class SmallDisk {
  readonly dir: string

  private constructor(dir: string) {
    this.dir = dir
  }

  static mount(megabytes: number): SmallDisk {
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-disk-'))
    const disk = new SmallDisk(dir)
    try {
      run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir)
    } catch (error) {
      rmSync(dir, { recursive: true })
      throw error
    }
    return disk
  }

  /** Bytes that are free. */
  get free(): number {
    const { bavail, bsize } = statfsSync(this.dir)
    return bavail * bsize
  }

  /** Takes up room, all but so many bytes. */
  fill(leave: number): void {
    writeFileSync(join(this.dir, 'ballast'), Buffer.alloc(Math.max(0, this.free - leave)))
  }

  /** Makes room again. */
  makeRoom(): void {
    rmSync(join(this.dir, 'ballast'), { force: true })
  }

  makeReadOnly(): void {
    run('mount', '-o', 'remount,ro', this.dir)
  }

  unmount(): void {
    // Lazily: a store that a failed test left open must not keep the mount.
    run('umount', '-l', this.dir)
    rmSync(this.dir, { recursive: true })
  }
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} failed: ${stderr || error?.message || status}`)
}
