import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Assignment, ASSIGNMENT_VARIABLE, type Report } from './contender.js'

/** A run that takes longer than this hangs: the slowest, which first writes 10 million records, needs a tenth. */
const RUN_MS_MAX = 300_000

/** So much of what a broken contender wrote to stderr is kept as the reason. */
const REASON_CHARACTERS_MAX = 2_000

/** Runs one contender in a process of its own and answers with what it reported; never rejects for its sake. */
export async function runContender(
  file: string,
  assignment: Assignment,
  signal?: AbortSignal,
): Promise<Report> {
  signal?.throwIfAborted()
  const child = fork(fileURLToPath(new URL(`./contenders/${file}.ts`, import.meta.url)), {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    execArgv: ['--expose-gc', '--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production', [ASSIGNMENT_VARIABLE]: JSON.stringify(assignment) },
    // What a contender's libraries print is nothing that our stdout may carry.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' as const }),
  })
  const report = await reportOf(child)
  signal?.throwIfAborted()
  return report
}

function reportOf(child: ChildProcess): Promise<Report> {
  return new Promise((resolve) => {
    let report: Report | undefined
    let complaints = ''
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      child.kill('SIGKILL')
    }, RUN_MS_MAX)
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaints = (complaints + text).slice(-REASON_CHARACTERS_MAX)
    })
    child.on('message', (message) => (report = message as Report))
    child.on('error', (error) => (complaints += error.message))
    child.on('close', (code, killedBy) => {
      clearTimeout(timer)
      const ending = isLate
        ? `it ran longer than ${RUN_MS_MAX / 1_000} s`
        : `it ended with ${killedBy ?? code}`
      resolve(report ?? { failed: [ending, complaints.trim()].filter((text) => text !== '').join(': ') })
    })
  })
}
