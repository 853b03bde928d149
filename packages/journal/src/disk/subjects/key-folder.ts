// Key folder
// ==========
// Keys of subjects in a folder of their own, apart from the data: one small file for each. A file is written whole under
// another name and put in its place, and of a subject whose key was destroyed a file stays that says so.
//
//   subjects.json    which keys these are, and the secret that ids of subjects follow from
//   <id>.json        the key of a subject, or that it was destroyed
//
// With the keys of an encrypted store, the secret and each key are sealed with them.
//
// Invariants
//   F1  What was returned is on stable storage, file and name.
//   F2  A key that was destroyed is never made again, and its bytes are written over.

import { createHmac, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { HoldfastError, machineAuthorities, type Authorities } from '@holdfast/kernel'
import { SUBJECT_KEY_BYTES, type SubjectKeys, type SubjectState } from '../../subjects/subject-keys.js'
import { notWritten } from '../../store-failure.js'
import { OWN_DIRECTORY } from '../data-directory.js'
import { ringOf, type KeyRing, type KeySource } from '../sealing/key-ring.js'
import { readJson, writeOver, writeSecret } from './key-file.js'
import { keptKey, openedKey, type KeptKey } from './kept-key.js'

const HEAD_FILE = 'subjects.json'
const SCHEMA = 'holdfast.subjects/1'
const ID_BYTES = 16
const SUBJECT_BYTES = 12

/** How a folder of keys is opened. */
export interface KeyFolderOptions {
  /** The folder. It must not lie in the data directory, or a copy of the one would be a copy of the other. */
  readonly dir: string
  /** The keys of the store, when it is encrypted: they seal those of the subjects. */
  readonly keys?: KeySource | undefined
  /** Refuses a folder that is not there, instead of making it. @default false */
  readonly readOnly?: boolean
  /** The time at which a key is destroyed, which its file says. @default the machine's own */
  readonly authorities?: Pick<Authorities, 'now'>
}

interface Head extends KeptKey {
  readonly schema: typeof SCHEMA
  readonly id: string
}

interface SubjectFile extends Partial<KeptKey> {
  readonly subject: string
  /** When its key was destroyed, as ISO 8601. */
  readonly destroyed?: string
}

/** The keys of subjects in a folder. */
export class KeyFolder implements SubjectKeys {
  readonly id: string
  readonly #dir: string
  readonly #ring: KeyRing | undefined
  readonly #isReadOnly: boolean
  readonly #now: () => number
  readonly #secret: Buffer
  #isNew: boolean

  /** @throws {HoldfastError} `HF_SUBJECT_KEYS`, `HF_KEY` */
  constructor({ dir, keys, readOnly = false, authorities = machineAuthorities() }: KeyFolderOptions) {
    this.#dir = dir
    this.#now = () => authorities.now()
    this.#isReadOnly = readOnly
    this.#ring = keys === undefined ? undefined : ringOf(keys)
    const head = this.#head()
    this.#isNew = head === undefined
    if (head === undefined && readOnly) throw notThere(dir)
    this.id = head?.id ?? randomBytes(ID_BYTES).toString('hex')
    this.#secret = head === undefined ? randomBytes(SUBJECT_KEY_BYTES) : this.#opened(head, 'secret')
  }

  begin(): void {
    if (!this.#isNew) return
    const made = this.#made()
    const head: Head = { schema: SCHEMA, id: this.id, ...this.#kept(this.#secret, 'secret') }
    if (!writeSecret(this.#dir, HEAD_FILE, head, made))
      throw refused(
        `${this.#dir} was made meanwhile by somebody else.`,
        'Open it again: it has other keys now.',
      )
    this.#isNew = false
  }

  idOf(name: string): string {
    const id = createHmac('sha256', this.#secret).update(name).digest()
    return id.subarray(0, SUBJECT_BYTES).toString('hex')
  }

  get(subject: string): Uint8Array | 'destroyed' | undefined {
    const file = this.#file(subject)
    if (file === undefined) return undefined
    return file.destroyed === undefined ? this.#opened(file as KeptKey, subject) : 'destroyed'
  }

  create(subject: string): Uint8Array {
    this.begin()
    const key = randomBytes(SUBJECT_KEY_BYTES)
    const isMine = writeSecret(this.#dir, nameOf(subject), { subject, ...this.#kept(key, subject) })
    if (isMine) return key
    key.fill(0)
    // Somebody else has made it meanwhile.
    const found = this.get(subject)
    if (typeof found === 'object') return found
    throw damaged(join(this.#dir, nameOf(subject)))
  }

  destroy(subject: string): void {
    if (this.#isReadOnly) throw notThere(this.#dir)
    this.begin()
    if (this.#file(subject)?.destroyed !== undefined) return
    const destroyed = new Date(this.#now()).toISOString()
    writeOver(this.#dir, nameOf(subject), { subject, destroyed })
  }

  *list(): Generator<SubjectState> {
    if (!existsSync(this.#dir)) return
    for (const name of readdirSync(this.#dir).sort()) {
      const subject = /^([0-9a-f]{24})\.json$/.exec(name)?.[1]
      const file = subject === undefined ? undefined : this.#file(subject)
      if (file !== undefined) yield { subject: subject!, isShredded: file.destroyed !== undefined }
    }
  }

  /** Seals every key anew with the current one of its ring. @returns how many there are */
  rekey(): number {
    if (this.#ring === undefined || this.#isNew) return 0
    const head: Head = { schema: SCHEMA, id: this.id, ...this.#kept(this.#secret, 'secret') }
    let count = 1
    for (const { subject, isShredded } of this.list()) {
      if (isShredded) continue
      const key = this.#opened(this.#file(subject) as KeptKey, subject)
      writeOver(this.#dir, nameOf(subject), { subject, ...this.#kept(key, subject) })
      key.fill(0)
      count++
    }
    writeOver(this.#dir, HEAD_FILE, head)
    return count
  }

  close(): void {
    this.#secret.fill(0)
    this.#ring?.zero()
  }

  // F1: also when it is there, because who has made it may have been killed before its name was flushed.
  #made(): string {
    try {
      const made = mkdirSync(this.#dir, { recursive: true, mode: OWN_DIRECTORY })
      chmodSync(this.#dir, OWN_DIRECTORY)
      return made ?? this.#dir
    } catch (error) {
      throw notWritten(this.#dir, error, 'subjectKeys')
    }
  }

  #head(): Head | undefined {
    if (!existsSync(this.#dir)) return undefined
    checkFolder(this.#dir)
    const head = readJson(this.#dir, HEAD_FILE) as Partial<Head> | undefined
    if (head === undefined) return undefined
    if (head.schema !== SCHEMA || typeof head.id !== 'string' || typeof head.key !== 'string')
      throw damaged(join(this.#dir, HEAD_FILE))
    return head as Head
  }

  #file(subject: string): SubjectFile | undefined {
    const file = readJson(this.#dir, nameOf(subject)) as SubjectFile | undefined
    if (file === undefined) return undefined
    const isWhole = typeof file.key === 'string' || typeof file.destroyed === 'string'
    if (file.subject !== subject || !isWhole) throw damaged(join(this.#dir, nameOf(subject)))
    return file
  }

  #kept(key: Uint8Array, what: string): KeptKey {
    return keptKey(key, this.#ring, `${this.id} ${what}`)
  }

  #opened(kept: KeptKey, what: string): Buffer {
    return openedKey(kept, this.#ring, `${this.id} ${what}`, this.#dir)
  }
}

function nameOf(subject: string): string {
  return `${subject}.json`
}

function checkFolder(dir: string): void {
  if (lstatSync(dir).isSymbolicLink() || !statSync(dir).isDirectory())
    throw refused(`${dir} is no folder of its own.`, 'Give the folder itself, and no link to it.')
  const { mode } = statSync(dir)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw refused(`${dir} can be read by others.`, `Take the right from them: chmod 700 ${dir}`)
}

function notThere(dir: string): HoldfastError {
  return refused(
    `${dir} holds no keys of subjects, or may not be written.`,
    'Give the folder that the system was run with.',
  )
}

function damaged(file: string): HoldfastError {
  return refused(`${file} is not what was written.`, 'Put the folder of keys back from a copy of it.')
}

function refused(message: string, hint: string): HoldfastError {
  return new HoldfastError('HF_SUBJECT_KEYS', message, { field: 'subjectKeys', hint })
}
