// Contender
// =========
// The child's side of a benchmark. One contender is one file in `contenders/`, run in a process of its own so
// that neither heaps nor compiled code mix. It calls `contend` once, and the harness hears one message.
//
//   harness  -- environment: where and how long -->  contender
//   harness  <-- { value, version, ... }         --  contender      or { absent } or { failed }
//
// Started by hand (`node --expose-gc --import tsx <file>`), it prints the same message as one line.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The environment variable that carries the assignment as JSON. */
export const ASSIGNMENT_VARIABLE = 'HOLDFAST_BENCH_ASSIGNMENT'

/** Where data of the durable benchmarks lies when the command line names no other place. */
export const defaultDataRoot = join(
  fileURLToPath(new URL('../../', import.meta.url)),
  '.holdfast',
  `bench-${process.pid}`,
)

/** What the harness asks of one run. */
export interface Assignment {
  /** An empty directory for this run. */
  readonly dataDirectory: string
  /** A directory that this contender finds again in its next round, for data that is costly to make. */
  readonly keptDirectory: string
  readonly warmUpMs: number
  readonly measureMs: number
}

/** What a contender measured. What it says beside the value is for those who start it by hand. */
export interface Measurement {
  readonly value: number
  /** The version of what was measured. */
  readonly version?: string | undefined
  readonly details?: Readonly<Record<string, number>>
}

/** What travels to the harness. */
export type Report = Measurement | { readonly absent: string } | { readonly failed: string }

/** The contender cannot be measured on this machine, for example because its runtime is not installed. */
export class Absent extends Error {
  override readonly name = 'Absent'
}

/** Measures and reports, then ends the process, whatever timers and sockets the contender left behind. */
export async function contend(measure: (assignment: Assignment) => Promise<Measurement>): Promise<void> {
  // The loader that runs TypeScript turns source maps on, and then reading the stack of an error costs more than
  // all that follows from the error. Nobody runs an application so.
  process.setSourceMapsEnabled(false)
  const given = process.env[ASSIGNMENT_VARIABLE]
  const assignment = given === undefined ? ownAssignment() : (JSON.parse(given) as Assignment)
  const report = await measure(assignment).then(checked).catch(toReport)
  if (given === undefined) rmSync(defaultDataRoot, { recursive: true, force: true })
  await deliver(report)
  process.exit('value' in report ? 0 : 1)
}

function ownAssignment(): Assignment {
  const dataDirectory = join(defaultDataRoot, 'data')
  const keptDirectory = join(defaultDataRoot, 'kept')
  mkdirSync(dataDirectory, { recursive: true })
  mkdirSync(keptDirectory, { recursive: true })
  return { dataDirectory, keptDirectory, warmUpMs: 500, measureMs: 1_500 }
}

function checked(measurement: Measurement): Measurement {
  if (Number.isFinite(measurement.value)) return measurement
  throw new RangeError(`The contender measured ${measurement.value}, which is no figure.`)
}

function toReport(error: unknown): Report {
  if (error instanceof Absent) return { absent: error.message }
  return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

function deliver(report: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) process.stdout.write(`${JSON.stringify(report)}\n`, () => resolve())
    else process.send(report, () => resolve())
  })
}
