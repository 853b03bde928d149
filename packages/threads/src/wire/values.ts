/** Values to bytes and back: what the log uses, so that whatever may be stored may travel, and nothing else. */
export interface Values {
  /** The bytes of a value, valid until the next call; none for `undefined`. @throws {HoldfastError} `HF_NOT_STORABLE` */
  stored(value: unknown): { readonly bytes: Uint8Array; readonly start: number; readonly end: number }
  /** The value whose bytes stand between two offsets. */
  unpack(bytes: Uint8Array, start: number, end: number): unknown
  /** What the log calls the digest of a state. */
  digest(value: unknown): number
}
