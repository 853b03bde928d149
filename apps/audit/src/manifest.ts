// The package.json of one package: read, checked, and brought into one shape whatever decade it
// comes from. What makes a package unusable for the audit is a typed failure; what is only odd is
// noted and audited on.

import { absolute, decodeText, failureText, readInTree, realRootOf } from './files.js'
import { clip } from './inert.js'
import type { Limits } from './limits.js'
import { defaultLimits } from './limits.js'
import { byKeys, byText } from './order.js'

export type ManifestFailureCode =
  'no-manifest' | 'bad-json' | 'not-an-object' | 'no-name' | 'no-version' | 'too-large' | 'unreadable'

export type ManifestOddity =
  | 'byte-order-mark'
  | 'licence-object'
  | 'licence-list'
  | 'licence-misspelt'
  | 'licence-twice'
  | 'licence-unusable'
  | 'scripts-unusable'
  | 'bin-unusable'

interface Script {
  name: string
  command: string
}

export interface Manifest {
  name: string
  version: string
  /** The declared licences as written; several come from the old `licenses` list and are a choice. */
  declared: string[]
  /** The scripts npm runs when it installs the package, in the order it runs them. */
  installScripts: Script[]
  /** The names of all scripts, sorted. */
  scripts: string[]
  /** The commands the package offers, sorted. */
  bins: string[]
  /** `gypfile: false` keeps npm from building a binding.gyp by itself. */
  refusesGyp: boolean
  oddities: ManifestOddity[]
}

export type ManifestReading =
  { ok: true; manifest: Manifest } | { ok: false; code: ManifestFailureCode; message: string }

type JsonObject = Readonly<Record<string, unknown>>

const FIELD_CHARS_MAX = 1_000
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'] as const

/** Reads and checks the package.json at a place of the tree. */
export async function readManifest(
  root: string,
  place: string,
  limits: Limits = defaultLimits,
): Promise<ManifestReading> {
  const file = absolute(root, place === '' ? 'package.json' : `${place}/package.json`)
  const reading = readInTree(realRootOf(root), file, limits.manifestBytesMax)
  if (!reading.ok) {
    const code = reading.failure === 'missing' ? 'no-manifest' : 'unreadable'
    return failed(code, `package.json ${failureText[reading.failure]}`)
  }
  if (reading.size > limits.manifestBytesMax) {
    return failed('too-large', `package.json is larger than ${limits.manifestBytesMax} bytes`)
  }
  return parseManifest(reading.bytes)
}

/** Checks the bytes of a package.json. */
export function parseManifest(bytes: Buffer): ManifestReading {
  if (bytes.length === 0) return failed('bad-json', 'package.json is empty')
  let value: unknown
  try {
    // The engine's message quotes the file and differs between versions of Node, so it is left out.
    value = JSON.parse(decodeText(bytes))
  } catch {
    return failed('bad-json', 'package.json is not valid JSON')
  }
  if (!isObject(value)) return failed('not-an-object', `package.json holds ${nounOf(value)}, not an object`)
  const name = textField(value, 'name')
  if (name === null) return failed('no-name', `package.json has no name${faulty(value, 'name')}`)
  const version = textField(value, 'version')
  if (version === null) return failed('no-version', `package.json has no version${faulty(value, 'version')}`)
  const hasMark = bytes[0] === 0xef || bytes[0] === 0xff || bytes[0] === 0xfe
  return { ok: true, manifest: manifestOf(value, name, version, hasMark) }
}

function failed(code: ManifestFailureCode, message: string): ManifestReading {
  return { ok: false, code, message }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nounOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}

function textField(object: JsonObject, field: string): string | null {
  const value = object[field]
  return typeof value === 'string' && value.trim() !== '' ? clip(value, FIELD_CHARS_MAX) : null
}

function faulty(object: JsonObject, field: string): string {
  const value = object[field]
  if (value === undefined) return ''
  return typeof value === 'string' ? ': the field is empty' : `: the field is ${nounOf(value)}`
}

function manifestOf(value: JsonObject, name: string, version: string, hasMark: boolean): Manifest {
  const { declared, oddities } = declaredLicences(value)
  const scripts = scriptsOf(value.scripts)
  const bins = binsOf(value.bin, name)
  if (hasMark) oddities.push('byte-order-mark')
  if (scripts === null) oddities.push('scripts-unusable')
  if (bins === null) oddities.push('bin-unusable')
  const byName = new Map((scripts ?? []).map((script) => [script.name, script]))
  return {
    name,
    version,
    declared,
    installScripts: INSTALL_SCRIPTS.flatMap((script) => byName.get(script) ?? []),
    scripts: [...byName.keys()].sort(byText),
    bins: bins ?? [],
    refusesGyp: value.gypfile === false,
    oddities: oddities.sort(byText),
  }
}

function scriptsOf(value: unknown): Script[] | null {
  if (value === undefined || value === null) return []
  if (!isObject(value)) return null
  const scripts: Script[] = []
  for (const [name, command] of Object.entries(value)) {
    if (typeof command === 'string')
      scripts.push({ name: clip(name, 200), command: clip(command, FIELD_CHARS_MAX) })
  }
  return scripts.length < Object.keys(value).length ? null : scripts.sort(byKeys((script) => script.name))
}

function binsOf(value: unknown, packageName: string): string[] | null {
  if (value === undefined || value === null) return []
  if (typeof value === 'string') return [packageName.replace(/^@[^/]*\//, '')]
  if (!isObject(value)) return null
  if (Object.values(value).some((target) => typeof target !== 'string')) return null
  return Object.keys(value)
    .map((name) => clip(name, 200))
    .sort(byText)
}

interface Declared {
  declared: string[]
  oddities: ManifestOddity[]
}

/** Reads the declared licences out of any shape the field has had: text, object, list, singular, plural, misspelt. */
export function declaredLicences(manifest: JsonObject): Declared {
  const oddities: ManifestOddity[] = []
  const license = licenceField(manifest.license, oddities)
  const licenses = licenceField(manifest.licenses, oddities)
  const licence = licenceField(manifest.licence, oddities)
  const [chosen = []] = [license, licenses, licence].filter((field) => field.length > 0)
  if (license.length > 0 && licenses.length > 0 && license.join('\n') !== licenses.join('\n')) {
    oddities.push('licence-twice')
  }
  if (chosen === licence && licence.length > 0) oddities.push('licence-misspelt')
  return { declared: chosen, oddities: [...new Set(oddities)] }
}

function licenceField(value: unknown, oddities: ManifestOddity[]): string[] {
  if (value === undefined || value === null || value === '') return []
  const items: unknown[] = Array.isArray(value) ? value : [value]
  if (Array.isArray(value)) oddities.push('licence-list')
  const texts: string[] = []
  for (const item of items.slice(0, 16)) {
    if (isObject(item)) oddities.push('licence-object')
    const text = licenceItem(item)
    if (text !== null) texts.push(text)
    else oddities.push('licence-unusable')
  }
  return [...new Set(texts)]
}

function licenceItem(item: unknown): string | null {
  if (typeof item === 'string') return item.trim() === '' ? null : clip(item.trim(), FIELD_CHARS_MAX)
  if (!isObject(item)) return null
  return textField(item, 'type') ?? textField(item, 'name') ?? textField(item, 'url')
}
