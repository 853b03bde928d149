// Reads data directories that are damaged. It gets one a line on its stdin, verifies it, reads everything in it, and
// answers with one line of JSON: what it found, or how it was refused. It may die of what it reads.

import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { HoldfastError, machineAuthorities } from '@holdfast/kernel'
import { Journal, LmdbStore, verifyStore } from '@holdfast/journal'
import { print } from './print.js'

/** What was found in one directory. */
export type Found =
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'findings'
      readonly code: string
      readonly records: number
      readonly hashes: readonly string[]
    }
  | { readonly kind: 'intact'; readonly records: number; readonly hashes: readonly string[] }

/** Records behind which a hash of everything so far is noted. */
const HASH_EVERY = 100

async function examine(dir: string): Promise<Found> {
  let store: LmdbStore | undefined
  try {
    store = new LmdbStore({ dir, readOnly: true })
    const report = verifyStore(store)
    const hashes: string[] = []
    let records = 0
    let code = report.ok ? '' : `${report.findings[0]!.kind} at ${report.findings[0]!.position}`
    try {
      const hash = createHash('sha256')
      for (const record of new Journal(store, machineAuthorities()).read(1)) {
        hash.update(`${record.position} ${record.kind} ${record.actor} ${record.correlation}`)
        if (record.kind === 'message') hash.update(JSON.stringify(record.payload()))
        records++
        if (records % HASH_EVERY === 0) hashes.push(hash.copy().digest('hex').slice(0, 16))
      }
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error
      code ||= error.code
    }
    return code === '' ? { kind: 'intact', records, hashes } : { kind: 'findings', code, records, hashes }
  } catch (error) {
    const code = error instanceof HoldfastError ? error.code : 'none'
    return { kind: 'refused', code, message: error instanceof Error ? error.message : String(error) }
  } finally {
    await store?.close().catch(() => undefined)
  }
}

for await (const dir of createInterface({ input: process.stdin })) print(JSON.stringify(await examine(dir)))
