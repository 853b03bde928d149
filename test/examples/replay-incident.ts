import type { Definition } from 'holdfast'
import { openIncident, replay, type ReplayReport } from 'holdfast/replay'

// region: replay
/** Replays an incident against code, and says where the two differ. */
export async function replayed(data: string, correlation: string, root: Definition): Promise<ReplayReport> {
  const incident = await openIncident({ data, correlation })
  try {
    const report = await replay(incident, { swarm: { root } })
    for (const { position, actor, message, what } of report.divergences) {
      console.log(`at ${position}, ${actor} handled "${message}": ${what}`)
    }
    return report
  } finally {
    await incident.close()
  }
}
// end: replay
