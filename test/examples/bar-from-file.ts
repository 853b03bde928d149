import { openIncident, replay } from 'holdfast/replay'
import bar from './bar.js'

// region: replay
await using incident = await openIncident({ file: 'ben.hfi' })
const { identical, counts } = await replay(incident, { swarm: bar })
console.log(`${identical ? 'identical' : 'not identical'}: ${counts.turns} turns`)
// end: replay
