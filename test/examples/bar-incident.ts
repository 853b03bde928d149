import { findIncidents, openIncident, play } from 'holdfast/replay'
import bar from './bar.js'

const data = '.holdfast/bar'

// region: find
for (const { correlation, actor, error, failures } of await findIncidents({ data })) {
  console.log(`${correlation}: ${failures} failure, first ${error?.name} of ${actor}`)
}
// end: find

// region: look
await using incident = await openIncident({ data, correlation: 'ben' })
const player = play(incident, { swarm: bar })
await player.run({
  onTurn: ({ position, actor, kind, isContext }) => {
    if (actor !== '/bar/tabs') return
    const { owed } = player.state(actor) as { owed: Record<string, number> }
    console.log(`${position} ${kind}${isContext ? ' (of somebody else)' : ''}: ben owes`, owed['ben'])
  },
})
// end: look
