// `holdfast replay --policy`: would another policy have contained the incident?

import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { whatIf, type Policy, type UnrecordedRule, type WhatIfReport } from 'holdfast/replay'
import type { ChosenSwarm } from '../chosen-swarm.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import type { NamedIncident } from '../incident-source.js'
import { UsageError } from '../usage-error.js'
import type { Command } from './command.js'
import { whatIfLines } from './what-if-text.js'

/** What is asked. */
interface Question {
  readonly policy: Policy
  readonly unrecorded: UnrecordedRule | undefined
}

/** Plays the incident again as it was, and under the policy. */
export async function askWhatIf(
  { incident, said }: NamedIncident,
  { swarm, file }: ChosenSwarm,
  { policy, unrecorded }: Question,
  { output }: Command,
): Promise<ExitCode> {
  let report: WhatIfReport
  try {
    report = await whatIf(incident, { swarm, policy, unrecorded })
  } catch (error) {
    throw isRefused(error) ? refusedPolicy(error) : error
  }
  if (output.json) await output.document('what-if', { ...said, swarm: file, policy, ...report })
  else for (const line of whatIfLines(report, output.paint)) await output.line(line)
  return EXIT.ok
}

type Refused = Error & { readonly code: 'HF_INVALID'; readonly field?: string; readonly hint?: string }

function isRefused(error: unknown): error is Refused {
  return error instanceof Error && (error as { code?: unknown }).code === 'HF_INVALID'
}

function refusedPolicy({ message, hint }: Refused): UsageError {
  return new UsageError(`--policy: ${message}`, { field: 'policy', hint })
}

/** A policy out of an argument: JSON when it begins as such, else the name of a file. @throws {UsageError} */
export function policyFrom(argument: string, cwd: string): Policy {
  const isJson = argument.trimStart().startsWith('{')
  const text = isJson ? argument : fileText(resolve(cwd, argument))
  let policy: unknown
  try {
    policy = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`--policy is no JSON: ${error instanceof Error ? error.message : String(error)}`, {
      field: 'policy',
      hint: EXAMPLE,
    })
  }
  if (typeof policy === 'object' && policy !== null && !Array.isArray(policy)) return policy as Policy
  throw new UsageError('--policy must be an object of changes by name.', { field: 'policy', hint: EXAMPLE })
}

function fileText(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8')
  throw new UsageError(`--policy is neither JSON nor a file: there is no ${file}.`, {
    field: 'policy',
    hint: EXAMPLE,
  })
}

const EXAMPLE = `For example: --policy '{ "bank": { "strategy": "rest-for-one", "maxRestarts": 10 } }'`
