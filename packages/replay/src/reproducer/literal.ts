// Values as source text: what stands in the log, so that it can be read, changed and run in a test file.

import { REF } from '@holdfast/kernel'

/** Levels of brackets that are written on one line when they are short. */
const LINE_WIDTH = 80

/** A stored value as TypeScript. Refs become `ref('/path')`, errors `error({ ... })`. */
export function literal(value: unknown, indent = ''): string {
  switch (typeof value) {
    case 'string':
      return text(value)
    case 'bigint':
      return `${value}n`
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'object':
      return value === null ? 'null' : objectLiteral(value, indent)
    default:
      return String(value)
  }
}

function objectLiteral(value: object, indent: string): string {
  if (Array.isArray(value))
    return bracketed(
      '[',
      value.map((each) => literal(each, `${indent}  `)),
      ']',
      indent,
    )
  if (REF in value) return `ref(${text(String((value as Record<symbol, unknown>)[REF]))})`
  if (Object.prototype.toString.call(value) === '[object Date]')
    return `new Date(${Number.isNaN(Number(value)) ? 'NaN' : Number(value)})`
  if (value instanceof Map) return `new Map(${literal([...value], indent)})`
  if (value instanceof Set) return `new Set(${literal([...value], indent)})`
  if (value instanceof Error) return errorLiteral(value, indent)
  if (ArrayBuffer.isView(value)) return viewLiteral(value)
  const fields = Object.entries(value).map(([key, each]) => `${nameOf(key)}: ${literal(each, `${indent}  `)}`)
  return bracketed('{', fields, '}', indent)
}

function bracketed(open: string, parts: readonly string[], close: string, indent: string): string {
  if (parts.length === 0) return open + close
  const space = open === '{' ? ' ' : ''
  const line = `${open}${space}${parts.join(', ')}${space}${close}`
  if (line.length + indent.length <= LINE_WIDTH && !line.includes('\n')) return line
  const inner = parts.map((part) => `${indent}  ${part},\n`).join('')
  return `${open}\n${inner}${indent}${close}`
}

// A name that is no word stands in quotes, and `__proto__` would be no field at all without brackets.
function nameOf(key: string): string {
  if (key === '__proto__') return "['__proto__']"
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : text(key)
}

function errorLiteral(error: Error, indent: string): string {
  const { name, message } = error
  const own = Object.fromEntries(Object.entries(error).filter(([key]) => key !== 'stack'))
  return `Object.assign(new Error(${text(message)}), ${literal({ name, ...own }, indent)})`
}

function viewLiteral(view: ArrayBufferView): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64')
  const buffer = `Buffer.from('${bytes}', 'base64')`
  if (Buffer.isBuffer(view)) return buffer
  // A buffer of its own: that of a Buffer may begin anywhere.
  return `new ${view.constructor.name}(new Uint8Array(${buffer}).buffer)`
}

// Single quotes, as the rest of the file has them. What ends a line, and half characters, are written as escapes.
function text(value: string): string {
  const escaped = JSON.stringify(value)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replace(
      /[\u007f-\u009f\u2028\u2029\ufeff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
  return `'${escaped}'`
}
