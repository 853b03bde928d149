// How a failure is told: what, why, what to do, and the code to look up. On stderr always; with `--json` as one
// document, so that stdout holds a result or nothing.

import { inert } from './inert.js'
import { schemaOf, type Output } from './output.js'

/** What is told of an error. */
export interface FailureText {
  readonly message: string
  /** The stable code of a Holdfast error; null for others. */
  readonly code: string | null
  readonly name: string
  readonly field: string | undefined
  readonly actor: string | undefined
  readonly correlation: string | undefined
  readonly hint: string | undefined
  /** What lies underneath. */
  readonly why: string | undefined
  readonly stack: string | undefined
}

/** Tells a failure. */
export function tellFailure(error: unknown, output: Output): void {
  const failure = failureOf(error)
  if (output.json) output.warn(JSON.stringify(failureJson(failure, output.verbose)))
  else for (const line of failureLines(failure, output)) output.warn(line)
}

/** What is told of anything that was thrown. */
export function failureOf(error: unknown): FailureText {
  if (typeof error !== 'object' || error === null) return { ...NOTHING, message: String(error) }
  const { message, name, code, field, actor, correlationId, hint, cause, stack } = error as Record<
    string,
    unknown
  >
  const said = text(message) ?? ''
  const why = cause instanceof Error && !said.includes(cause.message) ? cause.message : undefined
  return {
    message: said === '' ? 'Something failed without saying why.' : said,
    code: text(code) ?? null,
    name: text(name) ?? 'Error',
    field: text(field),
    actor: text(actor),
    correlation: text(correlationId),
    hint: text(hint),
    why,
    stack: cause instanceof Error ? cause.stack : text(stack),
  }
}

const NOTHING: FailureText = {
  message: '',
  code: null,
  name: 'Error',
  field: undefined,
  actor: undefined,
  correlation: undefined,
  hint: undefined,
  why: undefined,
  stack: undefined,
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A failure as a document. */
export function failureJson(failure: FailureText, isVerbose: boolean): object {
  const { stack, ...rest } = failure
  return { schema: schemaOf('error'), ...rest, ...(isVerbose ? { stack } : {}) }
}

/** A failure as lines of text. */
export function failureLines(failure: FailureText, output: Pick<Output, 'side' | 'verbose'>): string[] {
  const { bad, faint } = output.side
  const { message, name, code, why, hint, stack } = failure
  const lines = [
    `${bad('error')} ${code === null && name !== 'Error' ? `${inert(name)}: ` : ''}${inert(message)}`,
  ]
  const beside = (label: string, said: string | null | undefined): void => {
    if (said !== undefined && said !== null) lines.push(`  ${faint(label.padEnd(5))} ${inert(said)}`)
  }
  beside('why', why)
  beside('hint', hint)
  beside('code', code)
  if (output.verbose && stack !== undefined)
    lines.push(...stack.split('\n').map((line) => `  ${faint(inert(line))}`))
  return lines
}
