import type { Encoded, RerunObserver } from '@holdfast/kernel'
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

  other(
    kind: Exclude<
      Deed['subject'],
      'tell' | 'ask' | 'effect' | 'spawn' | 'answer' | 'error' | 'state' | 'definition'
    >,
    data: Readonly<Record<string, unknown>>,
  ): void {
    const { path, key, type, ...rest } = data
    const target = typeof path === 'string' ? path : String(key)
    this.#add(
      kind,
      target,
      typeof type === 'string' ? type : '',
      Object.keys(rest).length === 0 ? undefined : rest,
    )
  }

  // A value is kept as it is now: what the handler does to it afterwards was not told.
  #add(subject: Deed['subject'], target: string, type: string, value: unknown): void {
    this.deeds.push({ subject, target, type, value: this.#store(value).copy })
  }
}
