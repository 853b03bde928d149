import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'

/** What a figure was measured on. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly node: string
  readonly kernel: string
  /** The file system that holds the data of the durable benchmarks, such as `ext4`. */
  readonly fileSystem: string
}

/** Reads what this machine is; `dataDirectory` is where the durable benchmarks write. */
export function readMachine(dataDirectory: string): Machine {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    node: process.version,
    kernel: `${type()} ${release()}`,
    fileSystem: fileSystemOf(dataDirectory, readMounts()),
  }
}

/** Whether what is written there survives nothing, so that waiting for the disk measures nothing. */
export function isMemoryFileSystem(fileSystem: string): boolean {
  return fileSystem === 'tmpfs' || fileSystem === 'ramfs'
}

/** The type of the file system that holds a path, from the text of `/proc/self/mountinfo`. */
export function fileSystemOf(path: string, mountinfo: string): string {
  let best = { point: '', type: 'unknown' }
  for (const line of mountinfo.split('\n')) {
    const [mount, source] = line.split(' - ')
    const point = unescapeMountPoint(mount?.split(' ')[4] ?? '')
    const fileSystemType = source?.split(' ')[0]
    if (point === '' || fileSystemType === undefined || !isBelow(path, point)) continue
    // Of equally long points the later one lies on top of the earlier.
    if (point.length >= best.point.length) best = { point, type: fileSystemType }
  }
  return best.type
}

/** The machine as one line of text. */
export function describeMachine(machine: Machine): string {
  const gibibytes = (machine.memoryBytes / 2 ** 30).toFixed(0)
  const cores = machine.cores === 1 ? '1 core' : `${machine.cores} cores`
  const parts = [machine.cpu, cores, `${gibibytes} GiB`, `Node ${machine.node}`, machine.kernel]
  return `${parts.join(', ')}, data on ${machine.fileSystem}`
}

function isBelow(path: string, point: string): boolean {
  return point === '/' || path === point || path.startsWith(`${point}/`)
}

/** The kernel writes blanks and the like in mount points as octal escapes. */
function unescapeMountPoint(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** Only Linux has this file; elsewhere the file system stays unknown. */
function readMounts(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return ''
  }
}
