import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Absent, type Assignment, type Measurement } from './contender.js'

const run = promisify(execFile)
const sources = fileURLToPath(new URL('./erlang/', import.meta.url))

/** With one scheduler a message never crosses to another core, with all of them the sender runs beside. */
const SCHEDULINGS = [[], ['+S', '1']]

interface Program {
  /** A module of `erlang/`; its `main/1` is given the arguments and prints the measurement. */
  readonly module: string
  readonly better: 'higher' | 'lower'
  readonly flags?: readonly string[]
  /** @default the milliseconds to warm up and the milliseconds to measure */
  readonly arguments?: readonly string[]
}

/**
 * Compiles a program and runs it twice, with the schedulers that Erlang takes by itself and with one alone,
 * since neither is the faster one everywhere. The better figure is the contender's.
 */
export async function runErlang(program: Program, assignment: Assignment): Promise<Measurement> {
  const { dataDirectory, warmUpMs, measureMs } = assignment
  const { module, better, flags = [] } = program
  const given = program.arguments ?? [String(warmUpMs), String(measureMs)]
  await erlang('erlc', ['-o', dataDirectory, `${sources}measured.erl`, `${sources}${module}.erl`])
  const figures: Measurement[] = []
  for (const scheduling of SCHEDULINGS) {
    const settings = [...scheduling, ...flags, '-noshell', '-noinput', '-pa', dataDirectory]
    const stdout = await erlang('erl', [...settings, '-run', module, 'main', ...given])
    figures.push(JSON.parse(stdout) as Measurement)
  }
  const sign = better === 'higher' ? -1 : 1
  return figures.sort((a, b) => sign * (a.value - b.value))[0]!
}

async function erlang(program: 'erl' | 'erlc', argv: readonly string[]): Promise<string> {
  try {
    return (await run(program, argv)).stdout
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Absent(`${program} is not installed (Debian has it in the package erlang-base)`)
  }
}
