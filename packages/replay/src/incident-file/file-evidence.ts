import { Codec } from '@holdfast/journal'
import { ByteReader } from './byte-reader.js'
import { checkRecords } from './check-records.js'
import { sound } from './damaged.js'
import type { FileHeader } from './file-header.js'
import { readManifest, type Manifest } from './manifest.js'
import { readRecords } from './record-section.js'
import { RecordSet, type RecordSetParts } from './record-set.js'
import { readRedactions } from './redaction-section.js'
import { Redactions } from './redactions.js'
import { readSnapshots, unpacked } from './snapshot-section.js'

/** An incident out of a file, as evidence: what it holds is what a replay reads. */
export class FileEvidence extends RecordSet {
  readonly manifest: Manifest
  readonly redactions: Redactions

  constructor(parts: RecordSetParts, manifest: Manifest, redactions: Redactions) {
    super(parts)
    this.manifest = manifest
    this.redactions = redactions
  }
}

/** Evidence out of the sections of a file. @throws {HoldfastError} `HF_FILE_DAMAGED` */
export function fileEvidence(header: FileHeader, sections: readonly Uint8Array[]): FileEvidence {
  const [first, second, third, fourth] = sections
  const codec = new Codec()
  const manifest = readManifest(first!)
  const records = whole(second!, (reader) => readRecords(reader, codec))
  const snapshots = whole(third!, readSnapshots)
  const redactions = new Redactions(whole(fourth!, readRedactions))
  checkRecords(records, snapshots, codec)
  const isAsSaid = records.length === header.records && snapshots.length === header.snapshots
  sound(
    isAsSaid && manifest.actors.length === header.actors,
    'it holds another number of things than it says',
  )
  const root = records.find(({ position }) => position === manifest.correlationId)
  sound(root?.kind === 'message' && root.correlation === root.position, 'its first message is missing')
  const held = snapshots.map((snapshot) => {
    return { ...snapshot, read: () => unpacked(snapshot, codec) }
  })
  const names = new Map(manifest.correlations)
  return new FileEvidence({ codec, records, snapshots: held, names }, manifest, redactions)
}

function whole<T>(bytes: Uint8Array, read: (reader: ByteReader) => T): T {
  const reader = new ByteReader(bytes)
  const value = read(reader)
  reader.end()
  return value
}
