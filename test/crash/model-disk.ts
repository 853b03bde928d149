// Model disk
// ==========
// What stands on a disk when the power goes, worked out from the calls of a program. It promises as little as a disk may:
// the bytes of a file last from its flush on, the names in a folder from the flush of the folder on, and each without the
// other. What was asked for since may be there or not, in part or whole.
//
//   calls ->  now      what every process sees, and what a SIGKILL leaves
//             lasting  what a power cut leaves at the least
//             between  names up to some change of a folder, and some pages of what was written to a file
//
// Known limit: names change in the order in which that was asked for, as every file system with a journal keeps it, and a
// page is written whole.

import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { DiskCall } from './traced-disk.js'

/** How much of what was not flushed a power cut leaves. */
export type Left = 'nothing' | 'all' | { readonly some: () => number }

const PAGE = 4_096

class File {
  now: Buffer = Buffer.alloc(0)
  lasting: Buffer = Buffer.alloc(0)
  /** What was asked for since the last flush: bytes in a place, or another size. */
  readonly #waiting: ({ readonly at: number; readonly bytes: Buffer } | { readonly size: number })[] = []

  write(at: number, bytes: Buffer, isFlushed: boolean): void {
    this.now = written(this.now, at, bytes)
    if (isFlushed) this.lasting = written(this.lasting, at, bytes)
    else this.#waiting.push({ at, bytes })
  }

  resize(size: number): void {
    this.now = resized(this.now, size)
    this.#waiting.push({ size })
  }

  flush(): void {
    this.lasting = Buffer.from(this.now)
    this.#waiting.length = 0
  }

  left(left: Left): Buffer {
    if (left === 'all') return this.now
    if (left === 'nothing') return this.lasting
    let bytes = this.lasting
    for (const change of this.#waiting) {
      if ('size' in change) bytes = left.some() < 0.5 ? resized(bytes, change.size) : bytes
      else
        for (let from = 0; from < change.bytes.byteLength; from += PAGE)
          if (left.some() < 0.5)
            bytes = written(bytes, change.at + from, change.bytes.subarray(from, from + PAGE))
    }
    return bytes
  }
}

type Names = ReadonlyMap<string, File | Folder>

class Folder {
  now: Names = new Map()
  lasting: Names = new Map()
  /** The names after each change since the last flush. */
  readonly #since: Names[] = []

  change(names: Names): void {
    this.now = names
    this.#since.push(names)
  }

  flush(): void {
    this.lasting = this.now
    this.#since.length = 0
  }

  left(left: Left): Names {
    if (left === 'all') return this.now
    if (left === 'nothing') return this.lasting
    const upTo = Math.floor(left.some() * (this.#since.length + 1))
    return upTo === 0 ? this.lasting : this.#since[upTo - 1]!
  }
}

/** Calls that a disk takes without doing what they ask for: what a control leaves out. */
export type Leaves = (call: DiskCall) => boolean

/** A disk with one folder, whose name is there for good. */
export class ModelDisk {
  readonly #top: string
  readonly #root = new Folder()
  readonly #leavesOut: Leaves
  readonly #open = new Map<number, { node: File | Folder; isFlushed: boolean; at: number }>()

  constructor(top: string, leavesOut: Leaves = () => false) {
    this.#top = top
    this.#leavesOut = leavesOut
  }

  /** Does what a call has asked for. */
  take(call: DiskCall): void {
    if (this.#leavesOut(call)) return
    switch (call.kind) {
      case 'said':
        return
      case 'open':
        this.#opened(call)
        return
      case 'close':
        this.#open.delete(call.fd)
        return
      case 'seek':
        this.#open.get(call.fd)!.at = call.at
        return
      case 'write':
        this.#write(call)
        return
      case 'truncate':
        this.#fileOf(call).node.resize(call.size)
        return
      case 'flush':
        this.#open.get(call.fd)?.node.flush()
        return
      case 'mkdir':
        this.#rename(call.path, new Folder())
        return
      case 'rename':
        this.#rename(call.to, this.#at(call.path), call.path)
        return
      case 'link':
        this.#rename(call.to, this.#at(call.path))
        return
      case 'unlink':
      case 'rmdir':
        this.#rename(undefined, undefined, call.path)
    }
  }

  /** Whether a power cut behind a call leaves something else than one before it. */
  matters(call: DiskCall, left: Left): boolean {
    if (call.kind === 'said' || call.kind === 'close' || call.kind === 'seek') return false
    if (left !== 'nothing') return call.kind !== 'flush'
    return call.kind === 'flush' || (call.kind === 'write' && this.#open.get(call.fd)?.isFlushed === true)
  }

  /** Puts what a power cut leaves into a folder, which is made. Some names may be left out. */
  put(to: string, left: Left, isLeftOut: (name: string) => boolean): void {
    const put = (folder: Folder, dir: string): void => {
      mkdirSync(dir, { recursive: true })
      for (const [name, node] of folder.left(left)) {
        if (isLeftOut(name)) continue
        if (node instanceof Folder) put(node, join(dir, name))
        else writeFileSync(join(dir, name), node.left(left))
      }
    }
    put(this.#root, to)
  }

  #opened({ path, fd, flags }: DiskCall & { kind: 'open' }): void {
    let node = this.#at(path)
    if (node === undefined && flags.includes('O_CREAT')) {
      node = new File()
      this.#rename(path, node)
    }
    if (node === undefined) return
    if (node instanceof File && flags.includes('O_TRUNC') && node.now.byteLength > 0) node.resize(0)
    this.#open.set(fd, { node, isFlushed: /O_D?SYNC/.test(flags), at: 0 })
  }

  #write(call: DiskCall & { kind: 'write' }): void {
    const open = this.#fileOf(call)
    const at = call.at ?? open.at
    open.at = at + call.bytes.byteLength
    open.node.write(at, call.bytes, open.isFlushed)
  }

  #fileOf({ fd, path }: { fd: number; path: string }): { node: File; isFlushed: boolean; at: number } {
    const open = this.#open.get(fd)
    if (open?.node instanceof File) return open as { node: File; isFlushed: boolean; at: number }
    throw new Error(`Nobody has opened ${path} as ${fd}.`)
  }

  /** Gives a node a name, and takes one away, in one step. */
  #rename(to: string | undefined, node: File | Folder | undefined, from?: string): void {
    const folder = this.#at(dirname(to ?? from!))
    if (
      !(folder instanceof Folder) ||
      (to !== undefined && from !== undefined && dirname(to) !== dirname(from))
    )
      throw new Error(`No folder has ${to ?? from}.`)
    const names = new Map(folder.now)
    if (from !== undefined) names.delete(basename(from))
    if (to !== undefined) names.set(basename(to), node!)
    folder.change(names)
  }

  #at(path: string): File | Folder | undefined {
    if (path === this.#top) return this.#root
    let node: File | Folder | undefined = this.#root
    for (const name of path.slice(this.#top.length + 1).split('/'))
      node = node instanceof Folder ? node.now.get(name) : undefined
    return node
  }
}

function written(bytes: Buffer, at: number, more: Buffer): Buffer {
  const all = resized(bytes, Math.max(bytes.byteLength, at + more.byteLength))
  more.copy(all, at)
  return all
}

/** A copy of another size, with zeros behind what there was. */
function resized(bytes: Buffer, size: number): Buffer {
  const all = Buffer.alloc(size)
  bytes.copy(all)
  return all
}
