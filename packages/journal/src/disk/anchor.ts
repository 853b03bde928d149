// Anchors
// =======
// A signed head of the log: how far it went at a time, and the hash of the batch there, which stands for everything before
// it. The chain shows what was changed inside a log; only what was written down elsewhere shows that a whole log is an
// older one, or shorter than it was. The key that signs must not lie with the data: who can write both can write anything.
//
//   one line of JSON each:  store | epoch | position | hash | time | key | algorithm | signature
//   signed are those but the last, as text, a line each, behind a line that says what they are

import {
  createHash,
  createHmac,
  createPublicKey,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
} from 'node:crypto'

const HEADING = 'holdfast anchor 1'

/** A head of the log that was signed. */
export interface Anchor {
  /** Id of the store, in hex. */
  readonly store: string
  /** How often the store had been opened for writing. */
  readonly epoch: number
  /** The last position that it vouches for: that of the last record of a batch. */
  readonly position: number
  /** SHA-256 of that batch, in hex. */
  readonly hash: string
  /** When it was made, as ISO 8601. */
  readonly time: string
  /** Which key signed it. */
  readonly key: string
  readonly algorithm: 'ed25519' | 'hmac-sha256'
  /** In base64. */
  readonly signature: string
}

/** What an anchor says of a store before it is signed. */
export type Head = Pick<Anchor, 'store' | 'epoch' | 'position' | 'hash' | 'time'>

/** A key that signs anchors or checks them: an Ed25519 key, or a secret for HMAC-SHA-256. */
export class AnchorKey {
  readonly id: string
  readonly algorithm: Anchor['algorithm']
  /** Whether it can only check. */
  readonly isPublic: boolean
  readonly #key: KeyObject

  constructor(key: KeyObject) {
    this.#key = key
    this.isPublic = key.type === 'public'
    this.algorithm = key.type === 'secret' ? 'hmac-sha256' : 'ed25519'
    this.id = idOf(key)
  }

  /** Signs a head. The key must not be a public one. */
  sign(head: Head): Anchor {
    const unsigned = { ...head, key: this.id, algorithm: this.algorithm }
    const text = textOf(unsigned)
    const signature = this.algorithm === 'ed25519' ? sign(null, text, this.#key) : mac(this.#key, text)
    return { ...unsigned, signature: signature.toString('base64') }
  }

  /** Whether an anchor was signed with this key, and says what it said then. */
  hasSigned(anchor: Anchor): boolean {
    if (anchor.key !== this.id || anchor.algorithm !== this.algorithm) return false
    const signature = Buffer.from(anchor.signature, 'base64')
    // Base64 has bits that mean nothing, and is read past what is none of it: neither is in what was signed here.
    if (signature.toString('base64') !== anchor.signature) return false
    const text = textOf(anchor)
    if (this.algorithm === 'ed25519') return verify(null, text, this.#key, signature)
    const expected = mac(this.#key, text)
    return signature.byteLength === expected.byteLength && timingSafeEqual(signature, expected)
  }
}

/** An anchor out of a line of a file; `undefined` when it is none. */
export function anchorOf(line: string): Anchor | undefined {
  let value: Partial<Record<keyof Anchor, unknown>> | null
  try {
    value = JSON.parse(line) as typeof value
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { epoch, position, algorithm } = value
  const isText = TEXTS.every((field) => typeof value[field] === 'string' && !value[field].includes('\n'))
  const isKnown = algorithm === 'ed25519' || algorithm === 'hmac-sha256'
  return isText && isKnown && isNumber(epoch) && isNumber(position) ? (value as Anchor) : undefined
}

/** An anchor as a line of a file. */
export function anchorLine(anchor: Anchor): string {
  const { store, epoch, position, hash, time, key, algorithm, signature } = anchor
  return `${JSON.stringify({ store, epoch, position, hash, time, key, algorithm, signature })}\n`
}

const TEXTS = ['store', 'hash', 'time', 'key', 'signature'] as const

function isNumber(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function textOf({ store, epoch, position, hash, time, key, algorithm }: Omit<Anchor, 'signature'>): Buffer {
  return Buffer.from([HEADING, store, epoch, position, hash, time, key, algorithm].join('\n'))
}

function mac(key: KeyObject, text: Buffer): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

// A secret is named by what it makes of a fixed text, so that its name says nothing of it.
function idOf(key: KeyObject): string {
  if (key.type === 'secret')
    return mac(key, Buffer.from('key of anchors')).toString('hex').slice(0, ID_LENGTH)
  const open = key.type === 'public' ? key : createPublicKey(key)
  const der = open.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, ID_LENGTH)
}

const ID_LENGTH = 16
