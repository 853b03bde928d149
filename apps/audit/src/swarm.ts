// The audit as a swarm file: what `holdfast run` runs.

import { availableParallelism } from 'node:os'
import { swarm, type System, type SwarmRun } from 'holdfast'
import { AuditFailed } from './audit-failed.js'
import { auditRoot } from './audit-root.js'
import { shown } from './inert.js'
import { begin, reportOf } from './lead.js'
import { doneOf, Progress } from './progress.js'
import { writeReports } from './report-files.js'
import type { Report } from './report.js'
import { near, replayCommand, summaryLines } from './summary.js'
import { dataFor, targetOf, usage, wantsHelp } from './target.js'

// The main thread, which keeps the log of all of them, is busy as well.
const threads = Math.max(1, availableParallelism() - 1)

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

export default swarm({
  name: 'audit',
  root: auditRoot,
  data: dataFor,
  // An audit is over before a spare one would be of use.
  threads: { pools: { default: { threads, spare: false } } },
  on: {
    async ready(system, run) {
      if (wantsHelp(run.args)) {
        run.print(usage)
        run.done()
        return
      }
      let isStopped = false
      const stopped = (): void => {
        isStopped = true
      }
      system.ended().then(stopped, stopped)
      const progress = new Progress()
      const end = (): void => progress.end()
      // Ahead of the command line, which says what it makes of a signal.
      for (const signal of SIGNALS) process.prependListener(signal, end)
      try {
        await audit(system, run, progress, () => isStopped)
      } catch (error) {
        if (isStopped) return
        for (const line of failureLines(error)) progress.say(line)
        run.done(1)
      } finally {
        for (const signal of SIGNALS) process.off(signal, end)
        end()
      }
    },
  },
})

async function audit(
  system: System,
  run: SwarmRun,
  progress: Progress,
  isStopped: () => boolean,
): Promise<void> {
  const target = targetOf(run.args)
  const cwd = process.cwd()
  const beginning = { ...target, data: near(run.data, cwd) }
  const standing = await begin(system, beginning)
  const { state, isDone } = standing
  if (isDone) {
    run.print('This audit was done before. Its reports are written again from the log; --fresh starts over.')
  } else {
    const sofar = state.found === 0 ? '' : `, going on after ${doneOf(state)} of ${state.found} packages`
    progress.say(`Auditing ${shown(near(target.root, cwd))}${sofar}`)
  }
  const look = (now: typeof state): void => progress.show(now)
  const report = await reportOf(system, beginning, standing, look, isStopped)
  if (report === undefined) return
  progress.end()
  const files = await written(report, target.out)
  for (const line of summaryLines(report, replayCommand(run.data, cwd, process.argv[1]))) run.print(line)
  run.print('')
  run.print(`Reports: ${files.map((file) => shown(near(file, cwd))).join(', ')}`)
  run.done(0)
}

async function written(report: Report, out: string): Promise<string[]> {
  try {
    return await writeReports(report, out)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new AuditFailed(
      `The reports cannot be written: ${reason}`,
      'Name a folder that can be written: --out DIR.',
    )
  }
}

// In the form in which the command line tells its own failures.
function failureLines(error: unknown): string[] {
  if (!(error instanceof Error)) return [`error ${shown(String(error))}`]
  const { name, message, hint, code } = error as Error & { hint?: string; code?: string }
  const isOurs = hint !== undefined
  return [
    `error ${isOurs ? '' : `${name}: `}${shown(message, 400)}`,
    ...(hint === undefined ? [] : [`  hint  ${shown(hint, 400)}`]),
    ...(code === undefined ? [] : [`  code  ${shown(code)}`]),
  ]
}
