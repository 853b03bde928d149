import { writeFileSync } from 'node:fs'
import { openIncident, shrink, testFile } from 'holdfast/replay'
import bar from './bar.js'

// region: shrink
await using incident = await openIncident({ data: '.holdfast/bar', correlation: 'ben' })
const { reproduction, of } = await shrink(incident, { swarm: bar })
console.log(`${reproduction.messages.length} of ${of} messages are enough`)
writeFileSync('ben.test.ts', testFile(reproduction, { swarm: './test/examples/bar.js', incident: 'ben' }))
// end: shrink
