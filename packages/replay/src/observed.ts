import type { Encoded, RerunObserver } from '@holdfast/kernel'
import { otherDeed } from './other-deed.js'
import type { Deed } from './report.js'

/** Keeps what a rerun turn does, as it would have been stored. */
export class Observed implements RerunObserver {
  readonly deeds: Deed[] = []
  readonly #store: (value: unknown) => Encoded

  constructor(store: (value: unknown) => Encoded) {
    this.#store = store
  }

  tell(to: string, type: string, payload: unknown): void {
    this.#add('tell', to, type, payload)
  }

  ask(index: number, to: string, type: string, payload: unknown): number {
    this.#add('ask', to, type, payload)
    return index
  }

  effect(index: number, name: string): number {
    this.#add('effect', name, '', undefined)
    return index
  }

  spawn(name: string, definition: string, args: unknown): void {
    this.#add('spawn', name, definition, args)
  }

  other(kind: Parameters<RerunObserver['other']>[0], data: Readonly<Record<string, unknown>>): void {
    const { subject, target, type, value } = otherDeed(kind, data)
    this.#add(subject, target, type, value)
  }

  // A value is kept as it is now: what the handler does to it afterwards was not told.
  #add(subject: Deed['subject'], target: string, type: string, value: unknown): void {
    this.deeds.push({ subject, target, type, value: this.#store(value).copy })
  }
}
