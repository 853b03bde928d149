// The redacted fields of a file as bytes: a count, then for each the position, the actor of a snapshot or 0, the place,
// and the steps of the path.

import { FILE_REDACTIONS_MAX, REDACTION_STEPS_MAX } from '../limits.js'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { sound } from './damaged.js'
import { PLACES } from './redaction-rule.js'
import type { RedactedField } from './redactions.js'

/** Writes redacted fields. The number of a place stands in stored data and never changes. */
export function writeRedactions(writer: ByteWriter, fields: readonly RedactedField[]): void {
  writer.varint(fields.length)
  for (const { position, snapshotOf, place, path } of fields) {
    writer.varint(position)
    writer.varint(snapshotOf)
    writer.varint(PLACES.indexOf(place))
    writer.varint(path.length)
    for (const name of path) writer.text(name)
  }
}

/** Reads redacted fields. @throws {HoldfastError} `HF_FILE_DAMAGED` */
export function readRedactions(reader: ByteReader): RedactedField[] {
  const count = reader.count(FILE_REDACTIONS_MAX, 'redacted fields')
  return Array.from({ length: count }, () => {
    const position = reader.varint()
    const snapshotOf = reader.varint()
    const place = PLACES[reader.varint()]
    sound(place !== undefined, 'a redacted field has no place')
    const steps = reader.count(REDACTION_STEPS_MAX, 'steps')
    return { position, snapshotOf, place, path: Array.from({ length: steps }, () => reader.text()) }
  })
}
