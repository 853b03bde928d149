// The end of a copy: it is gone through as if it came from a stranger, and only then said to be what it is.

import { join } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'
import { verifying, type VerifyReport } from '../verify.js'
import type { BatchStore } from '../store.js'
import { Breath } from './breath.js'
import { keepToOwner, LOG_FILE } from './data-directory.js'
import { LmdbStore } from './lmdb-store.js'
import { markFinished, type Origin } from './marks.js'
import { noteClosed } from './probe.js'
import { Room } from './room.js'
import type { KeySource } from './sealing/key-ring.js'
import { openTables, writeTables } from './tables.js'

/** Verifies a store, and lets others go on meanwhile. */
async function verifyCalmly(store: BatchStore): Promise<VerifyReport> {
  const breath = new Breath()
  const steps = verifying(store)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (breath.isDue) await breath.take()
  }
}

/**
 * Verifies the unfinished store in a directory, and marks it as what it is.
 *
 * @param keys those of the store; without them what is sealed is held against its checksums and its chain
 * @throws {HoldfastError} `HF_STORE_DAMAGED` when anything at all is wrong with it
 */
export async function finishStore(
  dir: string,
  what: Origin | 'backup',
  keys: KeySource | undefined,
): Promise<VerifyReport> {
  const store = new LmdbStore({ dir, readOnly: true, keys, isSealedOnly: true, isUnfinished: true })
  let report: VerifyReport
  try {
    report = await verifyCalmly(store)
  } finally {
    await store.close()
  }
  const [first] = report.findings
  if (first !== undefined)
    throw new HoldfastError(
      'HF_STORE_DAMAGED',
      `The copy is not sound: ${first.kind} at position ${first.position}, ${first.what}.`,
      { field: 'data', hint: 'Run `holdfast verify` on what was copied. The copy was taken away.' },
    )
  const file = join(dir, LOG_FILE)
  const tables = openTables(file, false)
  try {
    await writeTables(tables, dir, new Room(dir), 0, () => {
      markFinished(tables.meta, what)
    })
  } finally {
    await tables.root.close()
  }
  keepToOwner(dir)
  noteClosed(dir, file)
  return report
}
