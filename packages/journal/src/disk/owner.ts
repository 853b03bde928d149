// Who writes a data directory. The owner stands in the store itself and is changed inside a write transaction, which
// LMDB lets only one process hold: there is no lock file to be left behind and no race between two who find it stale.

import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { threadId } from 'node:worker_threads'
import { HoldfastError } from '@holdfast/kernel'

/** A process that writes a store. */
export interface Owner {
  readonly pid: number
  /** The thread that writes; 0 is the main one. */
  readonly thread: number
  /** When the process started, in the kernel's own ticks: a pid is given away again, this is not. */
  readonly startTicks: string
  readonly boot: string
  /** The pid namespace: a pid of another one says nothing here. */
  readonly namespace: string
  readonly host: string
}

/** This process. */
export function self(): Owner {
  return {
    pid: process.pid,
    thread: threadId,
    startTicks: startTicksOf(process.pid) ?? '',
    boot: read('/proc/sys/kernel/random/boot_id') ?? '',
    namespace: link('/proc/self/ns/pid') ?? '',
    host: hostname(),
  }
}

/** Whether an owner is on this machine, but where its pid says nothing: in another container. */
function isElsewhere(owner: Owner, me: Owner): boolean {
  return owner.boot === me.boot && (owner.host !== me.host || owner.namespace !== me.namespace)
}

/** Whether an owner found in a store still runs; of one that is elsewhere, that it may. */
export function isAlive(owner: Owner, me: Owner = self()): boolean {
  if (owner.boot !== me.boot) return false
  if (isElsewhere(owner, me)) return true
  if (owner.pid === me.pid) return owner.startTicks === me.startTicks
  const ticks = startTicksOf(owner.pid)
  if (ticks !== undefined) return ticks === owner.startTicks
  return owner.startTicks === '' && signalable(owner.pid)
}

/** Whether an owner is this very thread of this very process. */
function isSame(owner: Owner, me: Owner): boolean {
  const { pid, thread, startTicks, boot, namespace, host } = me
  const isProcess = owner.pid === pid && owner.startTicks === startTicks && owner.boot === boot
  return isProcess && owner.thread === thread && owner.namespace === namespace && owner.host === host
}

/**
 * Whether an owner found in a store still has it. One that is this very thread, which has not got it open, is what a close
 * on a full disk could not take away. Of one in another container its pid says nothing; but whoever has the file open has a
 * slot in LMDB's own table of readers, which starts anew when it is opened by nobody else. One slot is this process's own.
 */
export function isHeld(owner: Owner, me: Owner, isFirstWriter: boolean, readers: () => number): boolean {
  if (isFirstWriter && isSame(owner, me)) return false
  if (!isAlive(owner, me)) return false
  return !isElsewhere(owner, me) || readers() > 1
}

/** Who wants to write has to wait for this one. */
export function inUse(dir: string, owner: Owner): HoldfastError {
  return new HoldfastError(
    'HF_STORE_IN_USE',
    `${dir} is being written by process ${owner.pid} on ${owner.host}.`,
    {
      field: 'data',
      hint: 'Stop that process first, or give this system a data directory of its own. Reading beside it is fine.',
    },
  )
}

// Field 22 of /proc/<pid>/stat; the name in field 2 may hold spaces and parentheses, so it is cut off first.
function startTicksOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? undefined : fields[19]
}

function signalable(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
