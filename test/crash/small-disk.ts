// A disk of a few megabytes, in memory or with an ext4 file system in an image, for what happens when a disk is full.
// Mounting one needs Linux and root; where that is not given, the tests say what is missing and are skipped.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where the bytes of a small disk are. */
export type DiskKind = 'tmpfs' | 'ext4'

/** Why no small disk can be mounted here, or `undefined` when one can. */
export function whyNoSmallDisk(kind: DiskKind = 'tmpfs'): string | undefined {
  if (process.platform !== 'linux') return `a tmpfs needs Linux, and this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'mounting a tmpfs needs root, and this user is not'
  try {
    SmallDisk.mount(8, kind).unmount()
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

  static mount(megabytes: number, kind: DiskKind = 'tmpfs'): SmallDisk {
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-disk-'))
    const disk = new SmallDisk(dir)
    try {
      if (kind === 'tmpfs') run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir)
      else mountImage(megabytes, dir)
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

// The image has no name once it is mounted, and is gone with the mount.
function mountImage(megabytes: number, dir: string): void {
  const image = `${dir}.image`
  try {
    run('truncate', '-s', `${megabytes}M`, image)
    run('mkfs.ext4', '-q', '-F', '-b', '4096', '-m', '0', image)
    run('mount', '-o', 'loop', image, dir)
  } finally {
    rmSync(image, { force: true })
  }
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} failed: ${stderr || error?.message || status}`)
}
