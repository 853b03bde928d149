// Native code is told by the first bytes of a file, not by its name: `bin/tool` without any
// extension is as native as `tool.node`.

export type NativeFormat = 'ELF' | 'Mach-O' | 'PE' | 'archive' | 'node'

const machO: ReadonlySet<number> = new Set([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe])
const FAT_MACH_O = 0xcafebabe
// A Java class file begins like a fat Mach-O; its next number is a version of at least 45, while no
// fat binary holds that many architectures.
const ARCHITECTURES_MAX = 40

/** The native format of a file, from its name and its first bytes, or null. */
export function nativeFormatOf(name: string, head: Buffer): NativeFormat | null {
  return formatOfBytes(head) ?? (/\.node$/i.test(name) ? 'node' : null)
}

function formatOfBytes(head: Buffer): NativeFormat | null {
  if (head.length < 8) return null
  const magic = head.readUInt32BE(0)
  if (magic === 0x7f454c46) return 'ELF'
  if (machO.has(magic)) return 'Mach-O'
  if (magic === FAT_MACH_O) return head.readUInt32BE(4) <= ARCHITECTURES_MAX ? 'Mach-O' : null
  if (head.toString('latin1', 0, 8) === '!<arch>\n') return 'archive'
  return isPortableExecutable(head) ? 'PE' : null
}

// "MZ" alone could begin a text, so the header it points to is looked at as well.
function isPortableExecutable(head: Buffer): boolean {
  if (head.length < 64 || head.readUInt16BE(0) !== 0x4d5a) return false
  const header = head.readUInt32LE(0x3c)
  return header + 4 <= head.length && head.readUInt32BE(header) === 0x50450000
}
