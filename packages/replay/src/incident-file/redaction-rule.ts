// Redaction rules
// ===============
// Which fields of what is exported are replaced. A rule is a path of steps with dots between them. Its first step says
// where to look, the others lead into the value.
//
//   payload.card.number            the number of the card in the payload of any message
//   **.password                    a password, wherever it stands and however deep
//   state.customers.*.iban         of each customer
//   /bank/*:state.iban             only of the actors whose path this is
//
// `*` is any one step, `**` any number of them, also none. A dot, a star or a backslash of a name has a backslash before
// it.

import { refuse } from '@holdfast/kernel'
import { REDACTION_RULES_MAX, REDACTION_STEPS_MAX } from '../limits.js'

/** Where a field may stand. */
export const PLACES = ['payload', 'answer', 'result', 'state', 'args', 'error'] as const

/** One of those places. */
export type Place = (typeof PLACES)[number]

/** A rule, as a text or with the paths of the actors that it is for. */
export type RedactionRule = string | { readonly actor: string; readonly field: string }

const ANY = Symbol('any one')
const MANY = Symbol('any number')

/** One step of a rule: a name, or a star. */
export type Step = string | typeof ANY | typeof MANY

/** A rule that was understood. */
export interface Rule {
  /** As it was written. */
  readonly text: string
  /** Steps of the path of the actors that it is for; all of them, when there are none. */
  readonly actor: readonly Step[] | undefined
  readonly steps: readonly Step[]
}

/** Understands rules. @throws {HoldfastError} `HF_INVALID` with the number of the rule */
export function rulesOf(rules: readonly RedactionRule[]): Rule[] {
  if (!Array.isArray(rules)) refuse('redact', rules, 'a list of rules')
  if (rules.length > REDACTION_RULES_MAX)
    refuse('redact', `${rules.length} rules`, `at most ${REDACTION_RULES_MAX} of them`)
  return rules.map((rule, i) => ruleOf(rule, `redact[${i}]`))
}

function ruleOf(rule: unknown, field: string): Rule {
  const { actor, path } = partsOf(rule, field)
  const steps = stepsOf(path, '.') ?? refuse(field, path, 'names, * or ** with one dot between them')
  const [place] = steps
  if (typeof place === 'string' && !(PLACES as readonly string[]).includes(place))
    refuse(field, path, `a path that begins with ${PLACES.join(', ')}, * or **`)
  if (actor === undefined) return { text: path, actor, steps }
  const names = actor.startsWith('/') ? stepsOf(actor.slice(1), '/') : undefined
  if (names === undefined)
    refuse(`${field}.actor`, actor, 'the path of an actor: slashes with names, * or ** between')
  return { text: `${actor}:${path}`, actor: names, steps }
}

function partsOf(rule: unknown, field: string): { actor: string | undefined; path: string } {
  if (typeof rule === 'string') {
    const colon = rule.startsWith('/') ? rule.indexOf(':') : -1
    return colon === -1
      ? { actor: undefined, path: rule }
      : { actor: rule.slice(0, colon), path: rule.slice(colon + 1) }
  }
  const { actor, field: path } = (rule ?? {}) as { readonly actor?: unknown; readonly field?: unknown }
  if (typeof actor !== 'string' || typeof path !== 'string')
    refuse(field, rule, 'a path such as "payload.card.number", or { actor, field }')
  return { actor, path }
}

/** The steps of a path; `undefined` when one of them is none. */
function stepsOf(path: string, separator: string): Step[] | undefined {
  const steps: (Step | undefined)[] = []
  let name = ''
  let isPlain = false
  for (let i = 0; i < path.length; i++) {
    const character = path[i]!
    if (character === separator) {
      steps.push(stepOf(name, isPlain))
      name = ''
      isPlain = false
    } else if (character === '\\' && i + 1 < path.length) {
      name += path[++i]!
      isPlain = true
    } else name += character
  }
  steps.push(stepOf(name, isPlain))
  const known = steps.filter((step) => step !== undefined)
  return known.length === steps.length && steps.length <= REDACTION_STEPS_MAX ? known : undefined
}

// A star within a name would be taken for a pattern, and what was meant to go would stay.
function stepOf(name: string, isPlain: boolean): Step | undefined {
  if (isPlain) return name
  if (name === '*') return ANY
  if (name === '**') return MANY
  return name === '' || name.includes('*') ? undefined : name
}

/** Steps on the way through one value: how far each rule has come. */
export interface Progress {
  readonly steps: readonly Step[]
  readonly at: number
}

/** How far rules have come once they may leave out a `**`. */
export function settled(progress: readonly Progress[]): Progress[] {
  const all: Progress[] = []
  for (const each of progress) {
    let { at } = each
    all.push(each)
    while (each.steps[at] === MANY) all.push({ steps: each.steps, at: ++at })
  }
  return all
}

/** How far rules have come after one more step. */
export function advanced(progress: readonly Progress[], name: string): Progress[] {
  const next: Progress[] = []
  for (const { steps, at } of progress) {
    const step = steps[at]
    if (step === MANY) next.push({ steps, at })
    else if (step === ANY || step === name) next.push({ steps, at: at + 1 })
  }
  return settled(next)
}

/** Whether one of the rules has come to its end. */
export function isAtEnd(progress: readonly Progress[]): boolean {
  return progress.some(({ steps, at }) => at === steps.length)
}

/** Whether a whole path is the one of the steps. */
export function matches(steps: readonly Step[], path: readonly string[]): boolean {
  let progress = settled([{ steps, at: 0 }])
  for (const name of path) progress = advanced(progress, name)
  return isAtEnd(progress)
}
