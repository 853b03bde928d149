// Export
// ======
// Writes everything that a replay of an incident reads into one file. The source is only read, unless it is to be pinned.

import { machineAuthorities, refuse, type LogRecord, type RecordData } from '@holdfast/kernel'
import { Codec, packedOf, type Pin } from '@holdfast/journal'
import { version } from '../disk/version.js'
import { checkFree, writeWhole } from '../disk/whole-file.js'
import type { Incident } from '../incident.js'
import { FILE_NOTE_LENGTH_MAX } from '../limits.js'
import { Paths } from '../paths.js'
import { ByteWriter } from './byte-writer.js'
import { closureOf, type Closure } from './closure.js'
import { writeManifest, type Manifest, type ManifestActor } from './manifest.js'
import { writeRecords } from './record-section.js'
import { writeRedactions } from './redaction-section.js'
import { rulesOf, type RedactionRule } from './redaction-rule.js'
import { Redactor, type RuleHits } from './redactor.js'
import { seal, type FileKey } from './sealed-file.js'
import { writeSnapshots, type FileSnapshot } from './snapshot-section.js'
import { rangeOf } from './surroundings.js'

/** How an incident is exported. */
export interface ExportOptions {
  /** Name of the file, which mostly ends in `.hfi`. */
  readonly file: string
  /** What is replaced, because it is nobody's business. */
  readonly redact?: readonly RedactionRule[]
  /** A passphrase, or a key of 32 bytes: the file is encrypted with it. */
  readonly key?: FileKey
  /** Keeps what was exported from being deleted in the data directory. @default false */
  readonly pin?: boolean
  /** What whoever opens the file should know. */
  readonly note?: string
  /** Replaces a file that is there. @default false */
  readonly force?: boolean
}

/** What was exported. */
export interface ExportReport {
  readonly file: string
  readonly bytes: number
  readonly correlation: string
  readonly records: number
  readonly snapshots: number
  /** Paths of the actors that a replay rebuilds. */
  readonly actors: readonly string[]
  readonly redactions: readonly RuleHits[]
  readonly encrypted: boolean
  readonly pinned: boolean
}

/**
 * Writes an incident into one file, with everything that a replay of it reads.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_FILE_EXISTS`, `HF_FILE_KEY`, `HF_NOT_STORABLE`, `HF_STORE_UNWRITABLE`
 *
 * @example
 * await exportIncident(incident, { file: 'incident.hfi', redact: ['payload.card.number'] })
 */
export async function exportIncident(incident: Incident, options: ExportOptions): Promise<ExportReport> {
  const { file, key, pin = false, note = '', force = false } = options
  const rules = rulesOf(options.redact ?? [])
  if (typeof file !== 'string' || file === '') refuse('file', file, 'the name of a file')
  if (note.length > FILE_NOTE_LENGTH_MAX)
    refuse('note', `a text of ${note.length} characters`, `at most ${FILE_NOTE_LENGTH_MAX} characters long`)
  const { pins } = incident.evidence
  if (pin && pins === undefined) refuse('pin', pin, 'false for an incident out of a file')
  checkFree(file, force)
  const closure = closureOf(incident)
  const redactor = new Redactor(rules, pathsOf(incident))
  const records = packedRecords(closure, redactor)
  const snapshots = packedSnapshots(closure, redactor)
  const manifest = manifestOf(incident, closure, redactor, note)
  const earlier = incident.evidence.redactions?.all ?? []
  const sections = [
    writeManifest(manifest),
    written((writer) =>
      writeRecords(
        writer,
        records.map(({ record, packed }) => redactor.written(record, packed)),
      ),
    ),
    written((writer) => writeSnapshots(writer, snapshots)),
    written((writer) => writeRedactions(writer, [...earlier, ...redactor.fields])),
  ]
  const counts = { records: records.length, snapshots: snapshots.length, actors: manifest.actors.length }
  const bytes = await seal({ correlation: incident.correlation, ...counts, sections }, key)
  if (pin) pins?.add(pinOf(incident, closure))
  writeWhole(file, bytes, force)
  return {
    file,
    bytes: bytes.byteLength,
    correlation: incident.correlation,
    records: records.length,
    snapshots: snapshots.length,
    actors: closure.slice.actors.map(({ path }) => path),
    redactions: redactor.hits,
    encrypted: key !== undefined,
    pinned: pin,
  }
}

function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter()
  write(writer)
  return writer.bytes
}

function pathsOf({ paths }: Incident): (actor: number) => string {
  return (actor) => (actor === 0 ? '' : paths.of(actor))
}

interface PackedRecord {
  readonly record: LogRecord
  readonly packed: Uint8Array
}

function packedRecords({ records }: Closure, redactor: Redactor): PackedRecord[] {
  const codec = new Codec()
  return records.map((record) => {
    const packed =
      record.kind === 'opened' ? openedElsewhere(record.data(), codec) : packedRecord(record, codec)
    return { record, packed: redactor.record(record, packed) }
  })
}

function packedRecord(record: LogRecord, codec: Codec): Uint8Array {
  const packed = packedOf(record)
  if (packed !== undefined) return packed
  if (record.kind === 'message') return bytesOf(record.payload(), codec)
  return record.kind === 'turn' ? bytesOf(record.answer(), codec) : codec.bytes(record.data())
}

function bytesOf(value: unknown, codec: Codec): Uint8Array {
  return value === undefined ? new Uint8Array(0) : codec.bytes(value)
}

// Where the code lay on the machine that ran it is nobody's business, and nothing for another machine to look for.
function openedElsewhere(data: RecordData['opened'], codec: Codec): Uint8Array {
  return codec.bytes({ ...data, system: systemName(data.system) })
}

function systemName(system: string): string {
  const isPath = /^(\/|[A-Za-z]:[\\/]|\\\\|file:)/.test(system)
  return isPath ? (system.split(/[\\/]/).at(-1) ?? '') : system
}

function packedSnapshots({ snapshots }: Closure, redactor: Redactor): FileSnapshot[] {
  const codec = new Codec()
  return snapshots.map((snapshot) => {
    const { actor, position, version: of, turns, timeMs, digest, state } = snapshot
    const packed = packedOf(snapshot) ?? codec.bytes(state)
    return redactor.snapshot({ actor, position, version: of, turns, timeMs, digest, packed })
  })
}

function manifestOf(incident: Incident, closure: Closure, redactor: Redactor, note: string): Manifest {
  const { records } = closure
  const range = rangeOf(incident)
  const runs = records.flatMap((record) => (record.kind === 'opened' ? [record] : []))
  const inForce = (runs.findLast(({ position }) => position < range.from) ?? runs[0])?.data()
  return {
    correlation: incident.correlation,
    correlationId: closure.correlation,
    system: systemName(inForce?.system ?? ''),
    engine: runs.reduce((engine, run) => Math.max(engine, run.data().engine), 0),
    exportedMs: machineAuthorities().now(),
    exportedBy: version(),
    range,
    actors: actorsOf(incident, closure),
    definitions: inForce?.definitions ?? {},
    correlations: [...closure.names],
    redactions: redactor.hits,
    note,
  }
}

function actorsOf({ evidence, records }: Incident, { slice }: Closure): ManifestActor[] {
  const paths = new Paths(evidence)
  const ids = new Set([...slice.actors.map(({ id }) => id), ...records.map(({ actor }) => actor)])
  return [...ids].flatMap((id) => {
    const born = paths.born(id)
    if (born === undefined) return []
    const { definition, version: of = 1, durable = true } = born
    return [{ id, path: paths.of(id), definition, version: of, durable }]
  })
}

function pinOf(incident: Incident, { records, snapshots, correlation: id }: Closure): Pin {
  const { correlation, paths } = incident
  const first = new Map<number, number>()
  for (const { actor, position } of records) if (!first.has(actor)) first.set(actor, position)
  first.delete(0)
  const actors = [...first].map(([actor, from]) => {
    const own = snapshots.filter((snapshot) => snapshot.actor === actor)
    return { id: actor, path: paths.of(actor), from, snapshots: own.map(({ position }) => position) }
  })
  return { id, correlation, ...rangeOf(incident), actors }
}
