// What a process asks the kernel for, seen from outside through strace: of all its calls those by which something could
// leave it or stay behind. Each is one line, such as `open /data/log.mdb-lock O_RDWR|O_CREAT` or `connect AF_INET 127.0.0.1:80`.

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A process that was watched, and how it ended. */
export interface Watched {
  readonly code: number | null
  readonly output: string
  readonly complaints: string
  /** What it did that reaches beyond its memory, in no order. */
  readonly deeds: readonly string[]
  /** Calls that were looked at. */
  readonly calls: number
}

/** Why system calls cannot be watched here, or `undefined` when they can. */
export function whyNoSystemCalls(): string | undefined {
  if (process.platform !== 'linux') return `strace needs Linux, and this is ${process.platform}`
  const { status, error, stderr } = spawnSync('strace', ['-f', '-y', '-o', '/dev/null', 'true'], {
    encoding: 'utf8',
  })
  if (error !== undefined) return 'strace is not installed'
  return status === 0 ? undefined : `strace may not watch: ${stderr.trim()}`
}

/** Runs Node with these arguments, and watches it with all its threads and children. */
export async function watched(
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Watched> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-calls-'))
  try {
    // A file for each thread, so that no call is cut in two by another one.
    const strace = [
      '-ff',
      '-y',
      '-qq',
      '-s',
      '256',
      '-e',
      'trace=network,file,desc,process',
      '-o',
      join(dir, 'of'),
    ]
    const child = spawn('strace', [...strace, process.execPath, ...args], {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = { output: '', complaints: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.output += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.complaints += text))
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('close', resolve).on('error', reject)
    })
    const lines = readdirSync(dir).flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n'))
    // The first thing that is seen is strace itself becoming Node.
    const deeds = lines.flatMap((line) => deedOf(line) ?? [])
    const start = deeds.findIndex((deed) => deed.startsWith(`exec ${process.execPath} `))
    if (start !== -1) deeds.splice(start, 1)
    return { code, ...said, deeds, calls: lines.length }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const CALL = /^(\w+)\((.*)$/
const FILE_CALLS =
  /^(rename|unlink|link|symlink|mkdir|mknod|rmdir|truncate|chmod|fchmod|chown|lchown|fchown|utime|futimesat|setxattr|lsetxattr|fsetxattr|mount|umount|chroot|ftruncate|fallocate)/
const NETWORK_CALLS = /^(connect|bind|listen|accept4?|sendto|sendmsg|sendmmsg|socket|socketpair)$/
const WRITES = /^(write|writev|pwrite|pwrite64|pwritev|pwritev2|sendfile|copy_file_range|splice)$/

/** What a line of strace says was done, if it is more than looking; also what was tried and came to nothing. */
export function deedOf(line: string): string | undefined {
  const [, name = '', args = ''] = CALL.exec(line) ?? []
  if (name.startsWith('open') || name === 'creat') {
    const flags = name === 'creat' ? 'O_CREAT' : (/"[^"]*", ?(?:\{flags=)?([A-Z_|]+)/.exec(args)?.[1] ?? '')
    return /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE/.test(flags)
      ? `open ${quoted(args)} ${flags}`
      : undefined
  }
  if (name === 'execve' || name === 'execveat')
    return `exec ${quoted(args)} ${args.split('"').slice(2, 12).join('"')}`
  if (/^(fork|vfork|clone3?)$/.test(name)) return args.includes('CLONE_THREAD') ? undefined : 'fork'
  if (name === 'mmap') {
    const file = /PROT_WRITE.*MAP_SHARED, \d+<([^>]*)>/.exec(args)?.[1]
    return file === undefined ? undefined : `map ${file} for writing`
  }
  if (WRITES.test(name)) {
    // By `-y` a descriptor says what it is: a file has a path, and pipes, sockets and counters have not.
    const [, fd = '', target = ''] = /^(\d+)<([^>]*)>/.exec(args) ?? []
    const isStandard = fd === '1' || fd === '2'
    return target.startsWith('/') && !isStandard && target !== '/dev/null' ? `write ${target}` : undefined
  }
  if (NETWORK_CALLS.test(name)) return `${name} ${addressIn(args)}`
  return FILE_CALLS.test(name) ? `${name} ${args}` : undefined
}

function quoted(args: string): string {
  return /"([^"]*)"/.exec(args)?.[1] ?? ''
}

function addressIn(args: string): string {
  const family = /\b(AF_\w+)/.exec(args)?.[1] ?? args
  const path = /sun_path=@?"([^"]*)"/.exec(args)?.[1]
  const port = /sin6?_port=htons\((\d+)\)/.exec(args)?.[1]
  return `${family}${path === undefined ? '' : ` ${path}`}${port === undefined ? '' : ` port ${port}`}`
}
