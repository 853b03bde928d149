import { describe, expect, it } from 'vitest'
import { describeMachine, fileSystemOf, isMemoryFileSystem, readMachine } from './machine.js'

const mounts = [
  '25 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
  '26 25 0:22 / /tmp rw,nosuid shared:5 - tmpfs tmpfs rw,size=100k',
  '27 25 254:1 / /data rw - xfs /dev/vdb rw',
  '28 27 254:2 / /data/my\\040disk rw - btrfs /dev/vdc rw',
  '29 25 0:30 / /late rw - ext4 /dev/vdd rw',
  '30 29 0:31 / /late rw - overlay overlay rw',
  '',
].join('\n')

describe('fileSystemOf', () => {
  it.each([
    ['/srv/bench', 'ext4'],
    ['/tmp', 'tmpfs'],
    ['/tmp/bench-7', 'tmpfs'],
    ['/tmpfiles', 'ext4'],
    ['/data/bench', 'xfs'],
    ['/data/my disk/bench', 'btrfs'],
    ['/late/bench', 'overlay'],
  ])('of %s is the one of the longest mount point above it: %s', (path, expected) => {
    expect(fileSystemOf(path, mounts)).toBe(expected)
  })

  it('without a list of mounts is unknown', () => {
    expect(fileSystemOf('/srv', '')).toBe('unknown')
  })
})

describe('isMemoryFileSystem', () => {
  it('is true of those that a power cut empties, and of no other', () => {
    expect(['tmpfs', 'ramfs', 'ext4', 'xfs', 'unknown'].filter(isMemoryFileSystem)).toEqual([
      'tmpfs',
      'ramfs',
    ])
  })
})

describe('readMachine', () => {
  it('names this process and a machine that has cores and memory', () => {
    const machine = readMachine(process.cwd())
    expect(machine.node).toBe(process.version)
    expect(machine.cores).toBeGreaterThan(0)
    expect(machine.memoryBytes).toBeGreaterThan(0)
    expect(machine.kernel).not.toBe('')
  })
})

describe('describeMachine', () => {
  it('says everything in one line', () => {
    const line = describeMachine({
      cpu: 'Zilog Z80',
      cores: 2,
      memoryBytes: 24 * 2 ** 30,
      node: 'v20.20.2',
      kernel: 'Linux 6.1',
      fileSystem: 'ext4',
    })
    expect(line).toBe('Zilog Z80, 2 cores, 24 GiB, Node v20.20.2, Linux 6.1, data on ext4')
  })
})
