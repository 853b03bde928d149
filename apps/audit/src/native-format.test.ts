import { expect, it } from 'vitest'
import { nativeFormatOf } from './native-format.js'

const bytes = (...values: number[]): Buffer => Buffer.concat([Buffer.from(values), Buffer.alloc(60)])

function portableExecutable(): Buffer {
  const head = Buffer.alloc(256)
  head.write('MZ', 0, 'latin1')
  head.writeUInt32LE(0x80, 0x3c)
  head.write('PE\0\0', 0x80, 'latin1')
  return head
}

it.each([
  ['ELF', 'tool', bytes(0x7f, 0x45, 0x4c, 0x46)],
  ['Mach-O', 'tool', bytes(0xcf, 0xfa, 0xed, 0xfe)],
  ['Mach-O', 'fat', bytes(0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2)],
  ['PE', 'tool.exe', portableExecutable()],
  ['archive', 'lib.a', Buffer.from('!<arch>\nxxxx')],
  ['ELF', 'disguised.js', bytes(0x7f, 0x45, 0x4c, 0x46)],
  ['node', 'empty.node', Buffer.alloc(0)],
])('%s is told by the first bytes of %s', (format, name, head) => {
  expect(nativeFormatOf(name, head)).toBe(format)
})

it.each([
  ['a Java class', bytes(0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52)],
  ['a text that begins with MZ', Buffer.from(`MZ${' is a text'.repeat(20)}`)],
  [
    'a header that points past the end',
    Buffer.concat([Buffer.from('MZ'), Buffer.alloc(58), Buffer.alloc(8, 0xff)]),
  ],
  ['an empty file', Buffer.alloc(0)],
  ['WebAssembly', bytes(0, 0x61, 0x73, 0x6d)],
])('%s is not native', (_, head) => {
  expect(nativeFormatOf('file', head)).toBeNull()
})
