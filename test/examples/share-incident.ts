import type { Definition } from 'holdfast'
import {
  diffIncidents,
  exportIncident,
  openIncident,
  replay,
  unpinIncident,
  type ExportReport,
  type IncidentDiff,
  type ReplayReport,
} from 'holdfast/replay'

// region: share
/** Writes an incident into one file without what is nobody's business, locked with a passphrase. */
export async function shared(
  data: string,
  correlation: string,
  file: string,
  passphrase: string,
): Promise<ExportReport> {
  const incident = await openIncident({ data, correlation })
  try {
    return await exportIncident(incident, {
      file,
      key: passphrase,
      redact: ['**.iban', { actor: '/desk/*', field: 'state.notes' }],
      note: 'The refund went out twice.',
      pin: true,
    })
  } finally {
    await incident.close()
  }
}
// end: share

// region: replay
/** Replays it on another machine, where there is no data directory. */
export async function replayedElsewhere(
  file: string,
  passphrase: string,
  root: Definition,
): Promise<ReplayReport> {
  await using incident = await openIncident({ file, key: passphrase })
  return await replay(incident, { swarm: { root } })
}
// end: replay

// region: diff
/** What went another way than it did when all was well. */
export async function compared(good: string, bad: string): Promise<IncidentDiff> {
  const diff = diffIncidents(await openIncident({ file: good }), await openIncident({ file: bad }))
  for (const { text } of diff.differences) console.log(text)
  return diff
}
// end: diff

// region: unpin
/** Lets the data directory forget it again. */
export async function forgotten(data: string, correlation: string): Promise<boolean> {
  return unpinIncident({ data, correlation })
}
// end: unpin
