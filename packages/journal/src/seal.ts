// Seal
// ====
// What a store does to everything that users wrote before it is stored, and back. One that is not encrypted leaves it as
// it is. Batches are sealed as they are closed, because they are chained as they are stored; everything else is sealed by
// the store itself.

/** Seals what is stored, and opens it. */
export interface Seal {
  /** Whether anything is done at all. */
  readonly isOn: boolean
  /** Whether what is stored can be opened: without a key it can only be held against its checksums. */
  readonly isReadable: boolean
  /** Seals a batch where it lies: everything behind its header, and the header is bound to it. */
  sealBatch(batch: Uint8Array): void
  /** A stored batch as it was before it was sealed. @throws {HoldfastError} `HF_STORE_DAMAGED`, `HF_KEY` */
  openBatch(batch: Uint8Array): Uint8Array
  /** The same for one that is damaged, without a look at what was damaged: for what has a checksum of its own. */
  openDamaged(batch: Uint8Array): Uint8Array
  /** Seals a value that stands at a place: it cannot be opened at any other. */
  sealValue(place: string, value: Uint8Array): Uint8Array
  /** @throws {HoldfastError} `HF_STORE_DAMAGED`, `HF_KEY` */
  openValue(place: string, value: Uint8Array): Uint8Array
  /** Seals what stands beside the log, which a reader may write too. */
  sealBeside(place: string, value: Uint8Array): Uint8Array
  /** @throws {HoldfastError} `HF_STORE_DAMAGED`, `HF_KEY` */
  openBeside(place: string, value: Uint8Array): Uint8Array
  /** Under which key a name is stored. */
  keyOfName(name: string): string
  /** A key for another use, from the root key; an open store has none. */
  derive?(use: string): Uint8Array
  /** Overwrites in memory the keys that it has made. */
  zero(): void
}

/** Leaves everything as it is. */
export const NO_SEAL: Seal = {
  isOn: false,
  isReadable: true,
  sealBatch: () => undefined,
  openBatch: (batch) => batch,
  openDamaged: (batch) => batch,
  sealValue: (_, value) => value,
  openValue: (_, value) => value,
  sealBeside: (_, value) => value,
  openBeside: (_, value) => value,
  keyOfName: (name) => name,
  zero: () => undefined,
}
