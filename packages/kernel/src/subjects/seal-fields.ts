// What of the data of a record, or of a part of a checkpoint, is sealed: wherever an object says whose it is, in a field
// `subject`, the fields beside it that hold values or texts of users. All else stays readable. It looks into nothing that
// a user wrote, where a field of that name means something else.

/** Fields that hold a value of a user. */
const VALUES: ReadonlySet<string> = new Set(['value', 'payload', 'args'])
/** Fields that hold a text which may repeat one. */
const TEXTS: ReadonlySet<string> = new Set(['message', 'stack', 'what'])

/** Seals one value of a subject. */
export type SealField = (subject: string, value: unknown, isText: boolean) => unknown

/** The same data with everything sealed that belongs to a subject; itself when nothing does. */
export function sealFields(data: unknown, seal: SealField): unknown {
  if (typeof data !== 'object' || data === null) return data
  if (Array.isArray(data)) return sealItems(data, seal)
  const prototype = Object.getPrototypeOf(data) as unknown
  return prototype === Object.prototype || prototype === null ? sealObject(data as Fields, seal) : data
}

type Fields = Readonly<Record<string, unknown>>

function sealItems(items: readonly unknown[], seal: SealField): unknown {
  let sealed: unknown[] | null = null
  for (const [i, item] of items.entries()) {
    const other = sealFields(item, seal)
    if (other !== item) (sealed ??= [...items])[i] = other
  }
  return sealed ?? items
}

function sealObject(data: Fields, seal: SealField): Fields {
  const subject = typeof data['subject'] === 'string' ? data['subject'] : undefined
  let sealed: Record<string, unknown> | null = null
  for (const key of Object.keys(data)) {
    const value = data[key]
    const other = sealField(key, value, subject, seal)
    if (other !== value) (sealed ??= { ...data })[key] = other
  }
  return sealed ?? data
}

function sealField(key: string, value: unknown, subject: string | undefined, seal: SealField): unknown {
  if (VALUES.has(key))
    return subject === undefined || value === undefined ? value : seal(subject, value, false)
  if (subject !== undefined && TEXTS.has(key) && typeof value === 'string') return seal(subject, value, true)
  return sealFields(value, seal)
}
