// The audit in a process of its own, so that it can be killed: what `holdfast run` does with the swarm file, and a line
// on standard output at each step of the dispatcher, so that a kill can be aimed at how far it is.
//
//   opening                      the data are about to be opened and recovered
//   opened <run>                 they are open, and which run it is, as the log counts
//   at <position> <packages>     the next position of the log, and the packages that are through

import { writeSync } from 'node:fs'
import audit from '@holdfast/audit'
import { createSystem, machineAuthorities, type Authorities, type System as RunningSystem } from 'holdfast'
import { System } from '@holdfast/kernel'

const [root = '', data = '', out = ''] = process.argv.slice(2)

const running: { system?: RunningSystem } = {}
let told = 0

function tell(): void {
  const { system: audited } = running
  if (audited === undefined) return
  const { next } = System.kernelOf(audited).log
  if (next === told) return
  told = next
  const { state } = audited.inspect('/audit/reporter')
  const { packages, broken } = state as { packages: unknown[]; broken: unknown[] }
  writeSync(1, `at ${next} ${packages.length + broken.length}\n`)
}

const machine = machineAuthorities()
const authorities: Authorities = {
  ...machine,
  defer: (step) => {
    machine.defer(() => {
      step()
      tell()
    })
  },
}

writeSync(1, 'opening\n')
const threads = { pools: { default: { threads: 1 } } }
const system = await createSystem({ name: audit.name, root: audit.root, data, authorities, threads })
running.system = system
writeSync(1, `opened ${system.epoch}\n`)
process.exitCode = await new Promise<number>((resolve, reject) => {
  const run = {
    args: ['--path', root, '--out', out],
    data,
    print: () => undefined,
    done: (code = 0) => {
      resolve(code)
    },
  }
  Promise.resolve(audit.on.ready?.(system, run)).catch(reject)
})
await system.stop()
