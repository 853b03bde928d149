// What a log must hold after any number of kills: every batch whole and in order, nothing twice, nothing lost.

import { LmdbStore, openJournal, verifyStore, type VerifyReport } from '@holdfast/journal'
import { machineAuthorities, type LogRecord, type MessageRecord } from '@holdfast/kernel'

/** Verifies the store of a data directory. */
export async function verified(dir: string): Promise<VerifyReport> {
  const store = new LmdbStore({ dir, readOnly: true })
  try {
    return verifyStore(store)
  } finally {
    await store.close()
  }
}

/** What a scan of all records counts. */
export interface Scan {
  /** Messages that were handled more than once, results that a turn was given twice, questions that were sent twice. */
  readonly twice: string[]
  /** Turns without their message, questions of ended turns without an answer, records after the end of a message. */
  readonly lost: string[]
  /** Runs, by the number that the log gives them, in which somebody outside was answered. */
  readonly answered: ReadonlySet<number>
  /** What the reporter was told of each place. */
  readonly results: ReadonlyMap<string, number>
  readonly records: number
}

/** Scans the log of a data directory. */
export async function scanned(dir: string): Promise<Scan> {
  const journal = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
  try {
    const scan = new Scanner()
    for (const record of journal.read(1)) scan.add(record)
    return scan.result()
  } finally {
    await journal.close()
  }
}

class Scanner {
  readonly #twice: string[] = []
  readonly #lost: string[] = []
  readonly #answered = new Set<number>()
  readonly #results = new Map<string, number>()
  readonly #messages = new Map<number, MessageRecord>()
  readonly #ends = new Map<number, string>()
  readonly #once = new Set<string>()
  readonly #questions = new Map<number, string[]>()
  /** The message of the turn that follows, when that turn puts it aside: it has no end yet. */
  #aside = 0
  #run = 0
  #records = 0

  add(record: LogRecord): void {
    this.#records++
    if (record.kind === 'opened') this.#run = record.data().epoch
    else if (record.kind === 'message') this.#message(record)
    else if (record.kind === 'effect' || record.kind === 'reply') {
      const { attempt, index } = record.data()
      this.#onlyOnce(`${record.kind} ${record.cause}/${attempt}/${index}`)
      if (this.#ends.has(record.cause)) this.#lost.push(`${record.kind} after the end of ${record.cause}`)
    } else if (record.kind === 'stashed') {
      if (record.data().refused === undefined) this.#aside = record.cause
    } else if (record.kind === 'turn') {
      if (this.#aside === record.message) this.#aside = 0
      else this.#end(record.message, 'turn')
      this.#turn(record.message, record.actor, record.attempt, record.answered)
    } else if (record.kind === 'failed' && record.cause !== 0 && record.data().parked) {
      this.#end(record.cause, 'failed')
    } else if (record.kind === 'dead') this.#end(record.data().message, 'dead')
  }

  result(): Scan {
    for (const [position] of this.#messages)
      if (!this.#ends.has(position)) this.#lost.push(`message ${position} has no end`)
    return {
      twice: this.#twice,
      lost: this.#lost,
      answered: this.#answered,
      results: this.#results,
      records: this.#records,
    }
  }

  #message(record: MessageRecord): void {
    this.#messages.set(record.position, record)
    if (record.ask !== undefined) {
      const { attempt, index } = record.ask
      this.#onlyOnce(`ask ${record.cause}/${attempt}/${index}`)
      const asked = this.#questions.get(record.cause) ?? []
      this.#questions.set(record.cause, [...asked, `reply ${record.cause}/${attempt}/${index}`])
    }
    if (record.type !== 'audited' && record.type !== 'broken') return
    const { place } = (record.payload() as { result: { place: string } }).result
    this.#results.set(place, (this.#results.get(place) ?? 0) + 1)
  }

  #turn(position: number, actor: number, attempt: number, answered: boolean): void {
    const message = this.#messages.get(position)
    if (message?.actor !== actor) this.#lost.push(`turn of ${position}, which is no message of its actor`)
    if (message?.outside === true && answered) this.#answered.add(this.#run)
    for (const reply of this.#questions.get(position) ?? [])
      if (reply.startsWith(`reply ${position}/${attempt}/`) && !this.#once.has(reply))
        this.#lost.push(`${reply} was never given`)
  }

  #end(message: number, how: string): void {
    const before = this.#ends.get(message)
    if (before !== undefined) this.#twice.push(`message ${message}: ${before}, then ${how}`)
    this.#ends.set(message, how)
  }

  #onlyOnce(what: string): void {
    if (this.#once.has(what)) this.#twice.push(what)
    this.#once.add(what)
  }
}
