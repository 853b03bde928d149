// What a program asks of the disk, call by call, as strace sees it: enough of it to say what stands on the disk at any
// moment between two calls. Calls are in the order in which they came back; what a program says on its standard output
// stands among them, where it began to say it.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ONE_DISK_THREAD } from './injected.js'
import { Program } from './process.js'

/** One call that has changed something, or was meant to make it last. */
export type DiskCall =
  | { readonly kind: 'open'; readonly path: string; readonly fd: number; readonly flags: string }
  | { readonly kind: 'close'; readonly fd: number }
  | { readonly kind: 'seek'; readonly fd: number; readonly at: number }
  | {
      readonly kind: 'write'
      readonly fd: number
      readonly path: string
      readonly at: number | null
      readonly bytes: Buffer
    }
  | { readonly kind: 'truncate'; readonly fd: number; readonly path: string; readonly size: number }
  | { readonly kind: 'flush'; readonly fd: number; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'link'; readonly path: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'rmdir'; readonly path: string }
  | { readonly kind: 'said'; readonly line: string }

const CALLS = [
  'openat,close,lseek,write,pwrite64,writev,pwritev,fsync,fdatasync,ftruncate,mkdir,mkdirat,rmdir',
  'rename,renameat,renameat2,link,linkat,unlink,unlinkat,fallocate,copy_file_range,sendfile',
].join(',')

/** Bytes of a write that are kept at the most: more than any of them has. */
const TEXT_MAX = 8_388_608

/**
 * Runs a program, and gives what it asked of one folder.
 *
 * @param say what is said to the program at its start
 */
export async function tracedCalls(
  name: string,
  args: readonly string[],
  folder: string,
): Promise<readonly DiskCall[]> {
  const place = mkdtempSync(join(tmpdir(), 'holdfast-trace-'))
  try {
    const trace = join(place, 'trace')
    const quiet = ['-f', '-qq', '-y', '--seccomp-bpf', '-s', String(TEXT_MAX), '-o', trace]
    const program = new Program(name, args, ONE_DISK_THREAD, ['strace', ...quiet, '-e', `trace=${CALLS}`])
    const { code, signal, complaints } = await program.ended()
    if (code !== 0) throw new Error(`${name} ended with ${code ?? signal}. ${complaints}`)
    return callsIn(readFileSync(trace, 'latin1'), folder)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** The calls in a trace that concern a folder. */
function callsIn(trace: string, folder: string): readonly DiskCall[] {
  const begun = new Map<string, string>()
  const calls: DiskCall[] = []
  for (const line of trace.split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const said = /^write\(1<[^>]*>, "(.*)\\n"/.exec(rest)?.[1]
    if (said !== undefined) calls.push({ kind: 'said', line: said })
    if (rest.endsWith('<unfinished ...>')) {
      begun.set(thread, rest.slice(0, -' <unfinished ...>'.length))
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1]
    const whole = resumed === undefined ? rest : `${begun.get(thread) ?? ''}${resumed}`
    if (said === undefined && whole.includes(folder)) calls.push(...callIn(whole))
  }
  return calls
}

function callIn(line: string): DiskCall[] {
  const [, name = '', args = '', result = ''] = /^(\w+)\((.*)\) += (-?\d+)/s.exec(line) ?? []
  // What came to nothing has changed nothing.
  if (name === '' || result.startsWith('-')) return []
  const [, fdText = '', path = ''] = /^(\d+)<([^>]*)>/.exec(args) ?? []
  const fd = Number(fdText)
  const paths = (): string[] => [...args.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text)
  switch (name) {
    case 'openat': {
      const flags = /", ([A-Z_|]+)/.exec(args)?.[1] ?? ''
      return [{ kind: 'open', path: paths()[0]!, fd: Number(result), flags }]
    }
    case 'close':
      return [{ kind: 'close', fd }]
    case 'lseek':
      return [{ kind: 'seek', fd, at: Number(result) }]
    case 'write':
    case 'writev':
    case 'pwrite64':
    case 'pwritev': {
      const at = name.startsWith('p') ? Number(/, (\d+)$/.exec(args)?.[1]) : null
      const bytes = Buffer.concat(paths().map(unquoted)).subarray(0, Number(result))
      return [{ kind: 'write', fd, path, at, bytes }]
    }
    case 'fsync':
    case 'fdatasync':
      return [{ kind: 'flush', fd, path }]
    case 'ftruncate':
      return [{ kind: 'truncate', fd, path, size: Number(/, (\d+)$/.exec(args)?.[1]) }]
    case 'mkdir':
      return [{ kind: 'mkdir', path: paths()[0]! }]
    case 'rmdir':
      return [{ kind: 'rmdir', path: paths()[0]! }]
    case 'rename':
      return [{ kind: 'rename', path: paths()[0]!, to: paths()[1]! }]
    case 'link':
      return [{ kind: 'link', path: paths()[0]!, to: paths()[1]! }]
    case 'unlink':
      return [{ kind: 'unlink', path: paths()[0]! }]
    default:
      throw new Error(`This call is not known: ${line.slice(0, 200)}`)
  }
}

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, v: 11, f: 12, r: 13, '"': 34, '\\': 92 }

/** The bytes of a text as strace writes it: what cannot be printed stands as an octal number, or as in C. */
function unquoted(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length)
  let length = 0
  for (let i = 0; i < text.length; i++) {
    let byte = text.charCodeAt(i)
    if (byte === 92) {
      i++
      const named = ESCAPES[text[i]!]
      if (named !== undefined) byte = named
      else {
        const digits = /^[0-7]{1,3}/.exec(text.slice(i, i + 3))![0]
        byte = Number.parseInt(digits, 8)
        i += digits.length - 1
      }
    }
    bytes[length++] = byte
  }
  return bytes.subarray(0, length)
}
