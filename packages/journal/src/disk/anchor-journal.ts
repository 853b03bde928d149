import { HoldfastError } from '@holdfast/kernel'
import type { Anchor } from './anchor.js'
import { headerOf, isIntact } from '../batch-format.js'
import { appendAnchor, readAnchorKey, refuseInside } from './anchor-file.js'
import { hashOf } from './checksum.js'
import { LmdbStore } from './lmdb-store.js'

/** What is anchored, and where that is written down. */
export interface AnchorOptions {
  /** The data directory. It is only read, and may be that of a running system. */
  readonly data: string
  /** The file that the anchor is added to. It must lie outside of the data directory. */
  readonly anchors: string
  /** The file with the key: an Ed25519 private key as PEM, or a secret of at least 32 bytes in hex or base64. */
  readonly key: string
  /** The time that the anchor says, in milliseconds since 1970. */
  readonly nowMs: number
}

/**
 * Signs how far a log goes, so that `verifyStore` can tell later whether it has become shorter, or another one.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_KEY`, `HF_STORE_MISSING`, `HF_STORE_DAMAGED`, `HF_STORE_UNWRITABLE`
 */
export async function anchorJournal({ data, anchors, key: keyFile, nowMs }: AnchorOptions): Promise<Anchor> {
  refuseInside(data, anchors, 'anchors')
  refuseInside(data, keyFile, 'key')
  const key = readAnchorKey(keyFile)
  if (key.isPublic)
    throw new HoldfastError('HF_KEY', `${keyFile} holds a public key, which signs nothing.`, {
      field: 'key',
      hint: 'Give the private key. The public one is for verifying.',
    })
  const store = new LmdbStore({ dir: data, readOnly: true })
  try {
    const bytes = store.last()?.bytes
    const header = bytes === undefined ? undefined : headerOf(bytes)
    if (bytes === undefined || header === undefined || !isIntact(bytes))
      throw new HoldfastError(
        'HF_STORE_DAMAGED',
        `${data} has no whole batch at its end that could be anchored.`,
        {
          field: 'data',
          hint: 'Run `holdfast verify` on the data directory.',
        },
      )
    const { first, count, epoch } = header
    const anchor = key.sign({
      store: Buffer.from(store.id).toString('hex'),
      epoch,
      position: first + count - 1,
      hash: hashOf(bytes).toString('hex'),
      time: new Date(nowMs).toISOString(),
    })
    appendAnchor(anchors, anchor)
    return anchor
  } finally {
    await store.close()
  }
}
