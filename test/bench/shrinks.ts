import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { actor, child, createSystem } from 'holdfast'
import { type Incident, openIncident } from 'holdfast/replay'
import { type Assignment } from './contender.js'
import { benchRoot } from './holdfast-root.js'

export const MESSAGES = 1_000
const CULPRIT = 617

const purse = actor({
  name: 'purse',
  snapshot: { everyBytes: Number.MAX_SAFE_INTEGER },
  state: () => ({ sum: 0, isLocked: false }),
  onFailure: { default: 'resume' },
  on: {
    add(ctx, { sum, lock }: { sum: number; lock: boolean }) {
      ctx.state.sum += sum
      if (lock) ctx.state.isLocked = true
    },
    take(ctx) {
      if (ctx.state.isLocked) throw new Error('locked')
    },
  },
})
export const root = benchRoot([child(purse)])

/** An incident of 1,000 messages, of which one has to be there for the last to fail. It is recorded once. */
export async function openFailure({ keptDirectory }: Assignment): Promise<Incident> {
  const data = join(keptDirectory, 'data')
  const complete = join(keptDirectory, 'complete')
  const correlation = 'incident-123'
  if (!existsSync(complete)) {
    const system = await createSystem({ name: 'bench', data, root })
    const ref = system.ref(purse, '/bench/purse')
    for (let i = 0; i < MESSAGES - 1; i++) ref.tell('add', { sum: i, lock: i === CULPRIT }, { correlation })
    ref.tell('take', undefined, { correlation })
    await system.flushed()
    await system.stop()
    writeFileSync(complete, '')
  }
  return openIncident({ data, correlation })
}
