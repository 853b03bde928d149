// Matching
// ========
// Holds what a turn does that is run again against what it did when it was recorded, while it does it. As long as both
// are the same, nothing is decoded and nothing is kept: bytes are compared with bytes. At the first difference the
// deeds of both are made, and from then on the replayed ones are kept as values.
//
// A handler calls it, and the log that it reads is none of the handler's doing: what reads it runs outside of the traps.
//
// Invariants
//   M1  What matched so far was the same as what was recorded, so its deeds are made from the record.
//   M2  A value is taken as it is when it is told: what the handler does to it afterwards was not told.
//   M3  The log does not say that an effect was begun, only what came of it. One without a result in a turn that reached
//       outside was perhaps begun then as well, so it counts for nothing unless the turn fails for want of it.
//   M4  Nor does it say what was asked when the question was refused at once, or when it was whether somebody lives: only
//       that there was a question, in the place of an answer.

import type { Answering, LogRecord, MessageRecord, RecordedResult, RerunObserver } from '@holdfast/kernel'
import type { Evidence } from './evidence.js'
import type { Paths } from './paths.js'
import { otherDeed } from './other-deed.js'
import { givenCorrelation, isTell, namedCorrelation, recordedDeeds } from './recorded.js'
import { isRefusalOf } from './refused-ask.js'
import type { Deed } from './report.js'
import type { Step } from './steps.js'
import { outside } from './traps/scope.js'
import type { Unrecorded } from './unrecorded.js'

const NOWHERE = -1

/** Sees what one turn after the other does. */
export class Matching implements RerunObserver {
  readonly #evidence: Evidence
  readonly #paths: Paths
  readonly #unrecorded: Unrecorded
  #step: Step | null = null
  /** How many of the turn's records have been matched. */
  #matched = 0
  #asks = 0
  #effects = 0
  /** Questions of which only the answer is recorded (M4). */
  #silent = 0
  /** Indexes of recorded results that were given. */
  #used: number[] = []
  /** What was done that is not told, or everything once something has differed. */
  #deeds: Deed[] = []
  /** Deeds that matched before something differed. */
  #before: Deed[] | null = null
  /** Effects of which the record of a turn that reached outside has no result (M3). */
  #unheard: Deed[] = []

  constructor(evidence: Evidence, paths: Paths, unrecorded: Unrecorded) {
    this.#evidence = evidence
    this.#paths = paths
    this.#unrecorded = unrecorded
  }

  /** The next turn begins. */
  begin(step: Step): void {
    this.#step = step
    this.#unrecorded.begin(step.position)
    this.#matched = 0
    this.#asks = 0
    this.#effects = 0
    this.#silent = 0
    this.#before = null
    if (this.#used.length > 0) this.#used = []
    if (this.#unheard.length > 0) this.#unheard = []
    if (this.#deeds.length > 0) this.#deeds = []
  }

  /** How often it reached outside. */
  get outside(): number {
    return this.#asks + this.#effects
  }

  /** The same with what it reached for in vain: the result came too late for the turn. */
  get reached(): number {
    return this.outside + this.#unheard.length
  }

  /** Whether an answer is recorded to a question that it did not ask. */
  get isLacking(): boolean {
    const { rerun } = this.#step!
    return rerun !== undefined && this.#silent !== silentOf(rerun)
  }

  /** Whether all that was recorded was done, and nothing else. */
  get isSame(): boolean {
    const { rerun, told } = this.#step!
    if (this.#before !== null || this.#deeds.length > 0) return false
    if (rerun !== undefined && (this.#asks !== rerun.asked.size || this.#effects !== effectsOf(this.#step!)))
      return false
    if (this.isLacking) return false
    // What is not told was not matched: when it was done again, it is a deed.
    for (let i = 0; i < told.length; i++) {
      const record = told[i]!
      if (!isOurs(record) && (i >= this.#matched || !isTell(record))) return false
    }
    return true
  }

  /** What it did, in its order. */
  get deeds(): readonly Deed[] {
    return this.#before === null ? [...this.#soFar(), ...this.#deeds] : [...this.#before, ...this.#deeds]
  }

  /** What it reached for, in its order, also when nothing came of it. */
  get calls(): readonly Deed[] {
    return [...this.deeds, ...this.#unheard]
  }

  tell(to: string, type: string, payload: unknown, correlation: string | undefined): void {
    if (this.#before === null && this.#isTold(to, type, payload, correlation)) {
      this.#matched++
      return
    }
    this.#before ??= outside(() => this.#soFar())
    this.#add('tell', to, type, payload, correlation)
  }

  ask(index: number, to: string, type: string, payload: unknown, correlation?: string): Answering {
    return outside(() => this.#ask(index, to, type, payload, correlation))
  }

  effect(index: number, name: string, run: (signal: AbortSignal) => unknown): Answering {
    return outside(() => this.#effect(index, name, run))
  }

  spawn(name: string, definition: string, args: unknown, correlation?: string): void {
    this.#add('spawn', name, definition, args, correlation)
  }

  other(kind: Parameters<RerunObserver['other']>[0], data: Readonly<Record<string, unknown>>): void {
    const { subject, target, type, value } = otherDeed(kind, data)
    this.#add(subject, target, type, value)
  }

  lives(index: number): number {
    if (this.#isOpen(index)) return index
    const recorded = this.#place(index, (each) => this.#silentAt(each)?.ok === true)
    if (recorded !== NOWHERE) this.#silent++
    else if (!this.#isTaken(index)) return index
    return recorded
  }

  #ask(
    index: number,
    to: string,
    type: string,
    payload: unknown,
    correlation: string | undefined,
  ): Answering {
    if (this.#isOpen(index)) return index
    const recorded = this.#place(index, (each) => this.#isAsked(each, to, type))
    if (recorded === NOWHERE && this.#isRefused(index, to, type)) {
      this.#used.push(index)
      this.#silent++
      return index
    }
    if (this.#before !== null || recorded !== index || !this.#isAskedSo(index, payload, correlation)) {
      this.#before ??= this.#soFar()
      this.#add('ask', to, type, payload, correlation)
    }
    this.#asks++
    if (recorded !== NOWHERE) return recorded
    return this.#supply('ask', index, `${to} ${type}`, payload, undefined)
  }

  #effect(index: number, name: string, run: (signal: AbortSignal) => unknown): Answering {
    const isOpen = this.#isOpen(index)
    const recorded = isOpen ? NOWHERE : this.#place(index, (each) => this.#isEffect(each, name))
    const isLacking = recorded === NOWHERE && !isOpen
    const answering = isLacking ? this.#supply('effect', index, name, undefined, run) : index
    if (recorded === NOWHERE && typeof answering === 'number' && this.#step!.rerun !== undefined) {
      this.#unheard.push({ subject: 'effect', target: name, type: '', value: undefined })
      return answering
    }
    if (this.#before !== null || recorded !== index) {
      this.#before ??= this.#soFar()
      this.#add('effect', name, '', undefined)
    }
    this.#effects++
    return isLacking ? answering : recorded
  }

  #isTold(to: string, type: string, payload: unknown, correlation: string | undefined): boolean {
    const expected = this.#nextTell()
    if (expected?.kind === 'message') {
      if (expected.type !== type || !this.#isAt(expected.actor, to)) return false
      return this.#isStored(expected, payload) && this.#isOf(expected, correlation)
    }
    if (expected?.kind !== 'dead') return false
    const data = expected.data()
    return data.to === to && (data.type ?? '') === type
  }

  // The result of its own index first; when something was put in before it or taken out, the next one that is alike.
  #place(index: number, isAlike: (index: number) => boolean): number {
    const { rerun } = this.#step!
    let found = NOWHERE
    if (isAlike(index) && !this.#used.includes(index)) found = index
    else if (rerun !== undefined) {
      const candidates = [...rerun.asked.keys(), ...rerun.results.map((result) => result.index)]
      found = candidates.find((each) => isAlike(each) && !this.#used.includes(each)) ?? NOWHERE
    }
    if (found !== NOWHERE) this.#used.push(found)
    return found
  }

  #isEffect(index: number, name: string): boolean {
    const recorded = this.#step!.rerun?.results.find((result) => result.index === index)
    return recorded?.kind === 'effect' && recorded.name === name
  }

  #isAsked(index: number, to: string, type: string): boolean {
    const asked = this.#askAt(index)
    return asked?.type === type && this.#isAt(asked.actor, to)
  }

  // M3: something was reached for with this index, because of a later one there is a result, and nothing came of it.
  #isOpen(index: number): boolean {
    const { rerun } = this.#step!
    if (rerun === undefined || rerun.asked.has(index)) return false
    if (rerun.results.some((result) => result.index === index)) return false
    for (const asked of rerun.asked.keys()) if (asked > index) return true
    return rerun.results.some((result) => result.index > index)
  }

  // M4
  #isRefused(index: number, to: string, type: string): boolean {
    const result = this.#used.includes(index) ? undefined : this.#silentAt(index)
    if (result?.error === undefined) return false
    // What was redacted cannot be told from it.
    return this.#evidence.redactions !== undefined || isRefusalOf(result.error, to, type)
  }

  #silentAt(index: number): RecordedResult | undefined {
    const { rerun } = this.#step!
    if (rerun === undefined || rerun.asked.has(index)) return undefined
    return rerun.results.find((each) => each.index === index && each.kind === 'reply')
  }

  #isAskedSo(index: number, payload: unknown, correlation: string | undefined): boolean {
    const asked = this.#askAt(index)
    return asked !== undefined && this.#isStored(asked, payload) && this.#isOf(asked, correlation)
  }

  // Almost always it is that of the turn, and nothing has to be looked up.
  #isOf(sent: MessageRecord, correlation: string | undefined): boolean {
    const step = this.#step!
    if (correlation === undefined && sent.correlation === step.end.correlation) return true
    return outside(() => {
      const recorded = namedCorrelation(this.#evidence, sent, step)
      return recorded === '' || recorded === this.#named(correlation)
    })
  }

  #named(correlation: string | undefined): string | undefined {
    return correlation === undefined ? undefined : givenCorrelation(this.#evidence, correlation, this.#step!)
  }

  #askAt(index: number): MessageRecord | undefined {
    const position = this.#step!.rerun?.asked.get(index)
    return position === undefined ? undefined : this.#evidence.messageAt(position)
  }

  // Without anything that stands in, it waits for its own index, which never comes.
  #supply(
    kind: 'effect' | 'ask',
    index: number,
    what: string,
    payload: unknown,
    run: ((signal: AbortSignal) => unknown) | undefined,
  ): Answering {
    const { actor } = this.#step!
    const wanted = { kind, actor: this.#paths.of(actor), what, payload }
    return this.#unrecorded.supply(wanted, run) ?? (this.#isTaken(index) ? NOWHERE : index)
  }

  #isTaken(index: number): boolean {
    return this.#step!.rerun?.results.some((result) => result.index === index) === true
  }

  // Looked up once, and then it is at hand. Of whom the log does not tell, it may be anybody.
  #isAt(actor: number, path: string): boolean {
    const known = this.#paths.known(actor) ?? outside(() => this.#paths.of(actor))
    return known === path || outside(() => !this.#paths.isKnown(actor))
  }

  #nextTell(): LogRecord | undefined {
    const { told } = this.#step!
    while (this.#matched < told.length && !isTell(told[this.#matched]!)) this.#matched++
    return told[this.#matched]
  }

  #isStored(record: MessageRecord, payload: unknown): boolean {
    const { bytes, start, end } = this.#evidence.codec.stored(payload)
    return record.isStoredAs(bytes, start, end)
  }

  // M1: tells up to here, and the first asks and effects.
  #soFar(): Deed[] {
    const step = this.#step!
    const told = step.told.slice(0, this.#matched).filter(isTell)
    const all = recordedDeeds(this.#evidence, this.#paths, { ...step, told })
    let [asks, effects] = [this.#asks, this.#effects]
    return all.filter(({ subject }) => {
      if (subject === 'ask') return asks-- > 0
      return subject === 'effect' ? effects-- > 0 : true
    })
  }

  #add(subject: Deed['subject'], target: string, type: string, value: unknown, named?: string): void {
    const correlation = outside(() => this.#named(named))
    const deed = { subject, target, type, value: this.#evidence.encode(value).copy }
    this.#deeds.push(correlation === undefined ? deed : { ...deed, correlation })
  }
}

function effectsOf({ rerun }: Step): number {
  let count = 0
  for (const result of rerun?.results ?? []) if (result.kind === 'effect') count++
  return count
}

function silentOf({ asked, results }: NonNullable<Step['rerun']>): number {
  let count = 0
  for (const { kind, index } of results) if (kind === 'reply' && !asked.has(index)) count++
  return count
}

// Records of a turn that its handler has no part in, when all that it told has been matched.
function isOurs(record: LogRecord): boolean {
  if (record.kind === 'message') return !isTell(record)
  // What it was told was known before it ran.
  if (record.kind === 'patched' || record.kind === 'refused') return true
  return record.kind === 'dead' ? !isTell(record) : false
}
