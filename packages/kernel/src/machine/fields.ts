/** An object of which only that is known. */
export type Fields = Readonly<Record<string, unknown>>

/** Whether something is an object, arrays included. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}
