// The manifest: what a file says of itself beside its records. It is JSON, so that it can be read without Holdfast.

import { damaged, sound } from './damaged.js'
import type { RuleHits } from './redactor.js'

/** An actor of an incident. */
export interface ManifestActor {
  readonly id: number
  readonly path: string
  readonly definition: string
  /** Version of the definition, when the actor was born. */
  readonly version: number
  readonly durable: boolean
}

/** What a file says of itself. */
export interface Manifest {
  /** Name of the correlation, or its position when it has no name. */
  readonly correlation: string
  /** Position of the first message. */
  readonly correlationId: number
  /** The system that wrote the log. */
  readonly system: string
  /** Version of the engine that did, and of the newest that did when there were several. */
  readonly engine: number
  /** When it was exported, in milliseconds since 1970. */
  readonly exportedMs: number
  /** Version of Holdfast that exported it. */
  readonly exportedBy: string
  /** The positions that the incident reaches over, both included. */
  readonly range: { readonly from: number; readonly to: number }
  readonly actors: readonly ManifestActor[]
  /** Fingerprint of each definition, as it was in force when the incident began. */
  readonly definitions: Readonly<Record<string, string>>
  /** Names of the correlations that have one, by position. */
  readonly correlations: readonly (readonly [id: number, name: string])[]
  /** The rules of redaction, and how many fields each has replaced. */
  readonly redactions: readonly RuleHits[]
  /** What whoever exported it wants to say. */
  readonly note: string
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A manifest as bytes. */
export function writeManifest(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(manifest))
}

/** Reads a manifest. @throws {HoldfastError} `HF_FILE_DAMAGED` */
export function readManifest(bytes: Uint8Array): Manifest {
  const value = objectOf(parsed(bytes))
  const range = objectOf(value['range'])
  return {
    correlation: textOf(value['correlation']),
    correlationId: placeOf(value['correlationId']),
    system: textOf(value['system']),
    engine: placeOf(value['engine']),
    exportedMs: timeOf(value['exportedMs']),
    exportedBy: textOf(value['exportedBy']),
    range: { from: placeOf(range['from']), to: placeOf(range['to']) },
    actors: listOf(value['actors']).map(actorOf),
    definitions: mapOf(value['definitions']),
    correlations: listOf(value['correlations']).map((pair): [number, string] => {
      const [id, name] = listOf(pair)
      return [placeOf(id), textOf(name)]
    }),
    redactions: listOf(value['redactions']).map((each) => {
      const { rule, hits } = objectOf(each)
      return { rule: textOf(rule), hits: placeOf(hits) }
    }),
    note: textOf(value['note']),
  }
}

function actorOf(value: unknown): ManifestActor {
  const { id, path, definition, version, durable } = objectOf(value)
  return {
    id: placeOf(id),
    path: textOf(path),
    definition: textOf(definition),
    version: placeOf(version),
    durable: durable === true,
  }
}

// The keys are names of definitions, which may be anything.
function mapOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(objectOf(value)).map(([name, each]) => [name, textOf(each)]))
}

/** JSON out of bytes. */
export function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (error) {
    throw damaged('a part that should be JSON is none', error)
  }
}

/** An object, or `HF_FILE_DAMAGED`. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  sound(typeof value === 'object' && value !== null && !Array.isArray(value), 'a field is no object')
  return value as Readonly<Record<string, unknown>>
}

/** A list, or `HF_FILE_DAMAGED`. */
export function listOf(value: unknown): readonly unknown[] {
  sound(Array.isArray(value), 'a field is no list')
  return value
}

/** A text, or `HF_FILE_DAMAGED`. */
export function textOf(value: unknown): string {
  sound(typeof value === 'string', 'a field is no text')
  return value
}

/** A whole number from 0, or `HF_FILE_DAMAGED`. */
export function placeOf(value: unknown): number {
  sound(Number.isSafeInteger(value) && (value as number) >= 0, 'a field is no whole number')
  return value as number
}

function timeOf(value: unknown): number {
  sound(typeof value === 'number' && Math.abs(value) <= TIME_MAX, 'a field is no time')
  return value
}

/** Milliseconds from 1970 that a date can show. */
const TIME_MAX = 8.64e15
