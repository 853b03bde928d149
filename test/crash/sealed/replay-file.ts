// Replays an incident file through the library, as a program of a user would, in a process that it seals itself.
//
//   node replay-file.js <file.hfi> <swarm.js>

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Swarm } from 'holdfast'
import { openIncident, replay, sealProcess } from 'holdfast/replay'

const [file = '', code = ''] = process.argv.slice(2)
const seal = sealProcess()
try {
  const { default: swarm } = (await import(pathToFileURL(resolve(code)).href)) as { default: Swarm }
  await using incident = await openIncident({ file })
  const { identical, divergences } = await replay(incident, { swarm })
  const leaks = divergences.filter(({ kind }) => kind === 'leak').map(({ what }) => what)
  process.stdout.write(`${JSON.stringify({ identical, leaks })}\n`)
  process.exitCode = identical ? 0 : 5
} finally {
  seal.open()
}
