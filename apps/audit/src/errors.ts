// The failures a package or a tree can cause, as errors to throw in a handler. A supervisor chooses
// its directive by the class name, so the names and codes are part of the contract.

import { HoldfastError } from 'holdfast'
import { shown } from './inert.js'
import type { ManifestFailureCode } from './manifest.js'

/** The audit cannot begin: there is no tree to audit. */
export class NoTree extends Error {
  override readonly name = 'NoTree'
  readonly code = 'no-tree'
  readonly hint = 'Name a node_modules folder, or a folder that holds one: --path DIR.'

  constructor(reason: string) {
    super(`The folder to audit ${reason}.`)
  }
}

/** A package whose package.json cannot be used; each code has a class of its own. */
export class BrokenManifest extends Error {
  override readonly name: string = 'BrokenManifest'
  readonly code: ManifestFailureCode
  readonly place: string

  constructor(code: ManifestFailureCode, place: string, reason: string) {
    super(`${shown(place)}: ${reason}`)
    this.code = code
    this.place = place
  }
}

export class ManifestMissing extends BrokenManifest {
  override readonly name = 'ManifestMissing'
}

export class ManifestNotJson extends BrokenManifest {
  override readonly name = 'ManifestNotJson'
}

export class ManifestNotAnObject extends BrokenManifest {
  override readonly name = 'ManifestNotAnObject'
}

export class ManifestWithoutName extends BrokenManifest {
  override readonly name = 'ManifestWithoutName'
}

export class ManifestWithoutVersion extends BrokenManifest {
  override readonly name = 'ManifestWithoutVersion'
}

export class ManifestTooLarge extends BrokenManifest {
  override readonly name = 'ManifestTooLarge'
}

export class ManifestUnreadable extends BrokenManifest {
  override readonly name = 'ManifestUnreadable'
}

const classByCode = {
  'no-manifest': ManifestMissing,
  'bad-json': ManifestNotJson,
  'not-an-object': ManifestNotAnObject,
  'no-name': ManifestWithoutName,
  'no-version': ManifestWithoutVersion,
  'too-large': ManifestTooLarge,
  unreadable: ManifestUnreadable,
} as const satisfies Record<ManifestFailureCode, typeof BrokenManifest>

/** The failure that the code of an error stands for, or null when it is no broken manifest's. */
export function manifestFailureOf(code: string | undefined): ManifestFailureCode | null {
  return code !== undefined && Object.hasOwn(classByCode, code) ? (code as ManifestFailureCode) : null
}

/** The error of a failed reading, with the class of its code. */
export function brokenManifest(
  place: string,
  failure: { code: ManifestFailureCode; message: string },
): BrokenManifest {
  return new classByCode[failure.code](failure.code, place, failure.message)
}

/** The class and the message of what was thrown; for an ask that failed, of what the asked one threw. */
export function whatFailed(error: unknown): { name: string; message: string } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message } =
    error instanceof HoldfastError && error.cause instanceof Error ? error.cause : error
  return { name, message }
}
