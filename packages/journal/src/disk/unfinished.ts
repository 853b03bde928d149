// A directory on its way. What is made in several steps is made beside the place where it will be, under a name that says
// that it is not finished, and takes its own name at the end: whoever looks finds all of it or nothing.
//
// One that a killed process left behind is taken away by whoever next makes something in the same place.

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { refuse } from '@holdfast/kernel'
import { OWN_DIRECTORY, roomOf } from './data-directory.js'
import { flushNames } from './flush-names.js'
import { DISK_RESERVE_BYTES } from '../limits.js'
import { diskFull, notWritten } from '../store-failure.js'
import { isAlive, self, type Owner } from './owner.js'
import { nameWhole } from './whole-file.js'

const SUFFIX = '.unfinished'
const OWNER_FILE = 'owner.json'

/** A directory that is being made. */
class Unfinished {
  /** Where it is for now. */
  readonly dir: string
  readonly #to: string
  /** The first directory that had to be made on the way. */
  readonly #made: string | undefined

  private constructor(to: string, dir: string, made: string | undefined) {
    this.#to = to
    this.dir = dir
    this.#made = made
  }

  /**
   * Begins one.
   *
   * @param from what is copied: neither may lie in the other
   * @throws {HoldfastError} `HF_INVALID` when there is something in its place, `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`
   */
  static begin(to: string, from: string): Unfinished {
    if (typeof to !== 'string' || to === '') refuse('to', to, 'the path of a directory')
    const place = resolve(to)
    if (isWithin(place, resolve(from)) || isWithin(resolve(from), place))
      refuse('to', to, 'a directory apart from what is copied')
    refuseTaken(place, to)
    const dir = `${place}.${randomBytes(4).toString('hex')}${SUFFIX}`
    try {
      const made = mkdirSync(dirname(place), { recursive: true })
      sweep(place)
      if (roomOf(dirname(place)) < DISK_RESERVE_BYTES) throw diskFull()
      mkdirSync(dir, { mode: OWN_DIRECTORY })
      writeFileSync(join(dir, OWNER_FILE), JSON.stringify(self()), { mode: 0o600 })
      return new Unfinished(place, dir, made)
    } catch (error) {
      rmSync(dir, { recursive: true, force: true })
      throw notWritten(to, error, 'to')
    }
  }

  /** Gives it its own name, for good. @throws {HoldfastError} `HF_INVALID`, `HF_STORE_UNWRITABLE` */
  finish(): void {
    rmSync(join(this.dir, OWNER_FILE), { force: true })
    flushNames(this.dir, undefined)
    refuseTaken(this.#to, this.#to)
    try {
      if (existsSync(this.#to)) rmdirSync(this.#to)
    } catch (error) {
      throw notWritten(this.#to, error, 'to')
    }
    nameWhole(this.dir, this.#to, { field: 'to', made: this.#made })
  }

  /** Takes away what is there of it. */
  discard(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/**
 * Makes a directory in one go: it is there when `make` has ended well, and leaves nothing when it has not.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`, and whatever `make` throws
 */
export async function whole<T>(to: string, from: string, make: (dir: string) => Promise<T>): Promise<T> {
  const unfinished = Unfinished.begin(to, from)
  try {
    const made = await make(unfinished.dir)
    unfinished.finish()
    return made
  } catch (error) {
    unfinished.discard()
    throw isOfTheSystem(error) ? notWritten(to, error, 'to') : error
  }
}

// What the operating system or LMDB has refused.
function isOfTheSystem(error: unknown): boolean {
  return error instanceof Error && (error as { readonly code?: unknown }).code !== undefined
}

function isWithin(path: string, other: string): boolean {
  const way = relative(other, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(other, way) === path)
}

function refuseTaken(place: string, to: string): void {
  let names: readonly string[]
  try {
    names = readdirSync(place)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw notWritten(to, error, 'to')
  }
  if (names.length > 0) refuse('to', to, 'an empty directory, or one that is not there')
}

function sweep(place: string): void {
  const prefix = `${basename(place)}.`
  for (const name of readdirSync(dirname(place))) {
    if (!name.startsWith(prefix) || !/^[0-9a-f]{8}\.unfinished$/.test(name.slice(prefix.length))) continue
    const dir = join(dirname(place), name)
    if (!isBeingMade(dir)) rmSync(dir, { recursive: true, force: true })
  }
}

function isBeingMade(dir: string): boolean {
  try {
    return isAlive(JSON.parse(readFileSync(join(dir, OWNER_FILE), 'utf8')) as Owner)
  } catch {
    return false
  }
}
