// The two meta pages of an LMDB file, read as bytes: what the file must be, before anybody maps it. A map of a file that
// is shorter than its pages say ends the process at the first look at what is missing, with no error to catch.
//
//   page header (24 bytes) | magic | version | address | map size | page size ... roots | last page | transaction

/** What a file of LMDB says of itself. */
export interface MetaPages {
  /** Bytes that it needs to have, for all pages that are in use. */
  readonly needs: number
  /** Number of the last transaction. */
  readonly transaction: number
}

/** Bytes that hold both meta pages, whatever the page size is. */
export const META_BYTES = 2 * 65_536

const MAGIC = 0xbeefc0de
const MAGIC_AT = 24
const PAGE_SIZE_AT = 48
const LAST_PAGE_AT = 144
const TRANSACTION_AT = 152

/** Reads them out of the beginning of a file. @returns `undefined` when they are not laid out as this build knows them */
export function metaPagesOf(head: Buffer): MetaPages | undefined {
  if (head.byteLength < TRANSACTION_AT + 8 || head.readUInt32LE(MAGIC_AT) !== MAGIC) return undefined
  const pageSize = head.readUInt32LE(PAGE_SIZE_AT)
  const isSize = pageSize >= 512 && pageSize <= 65_536 && Math.log2(pageSize) % 1 === 0
  if (!isSize || head.byteLength < pageSize + TRANSACTION_AT + 8) return undefined
  if (head.readUInt32LE(pageSize + MAGIC_AT) !== MAGIC) return undefined
  const at = [0, pageSize].sort((a, b) => transactionAt(head, b) - transactionAt(head, a))[0]!
  const lastPage = Number(head.readBigUInt64LE(at + LAST_PAGE_AT))
  return { needs: (lastPage + 1) * pageSize, transaction: transactionAt(head, at) }
}

function transactionAt(head: Buffer, page: number): number {
  return Number(head.readBigUInt64LE(page + TRANSACTION_AT))
}
