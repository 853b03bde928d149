import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const LOOP = fileURLToPath(new URL('backup-loop.ts', import.meta.url))

/** Has another process make backups of a data directory, one after the other, until it is ended. */
export async function withBackups(data: string): Promise<() => Promise<void>> {
  const child = fork(LOOP, [data, join(dirname(data), 'backup')], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  let made = 0
  child.on('message', () => made++)
  await once(child, 'message')
  return async () => {
    const before = made
    child.kill('SIGTERM')
    await once(child, 'exit')
    assert.ok(before > 1, 'backups were made meanwhile')
  }
}
