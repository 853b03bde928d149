import { HANDS_KEPT } from '../limits.js'
import type { Reply, InHand, Task } from './tasks.js'

/** Shared memory for what tasks have in hand. It is used again, because each piece costs the collector of both threads. */
export class Hands {
  readonly #free: InHand[] = []

  /** A piece that says that nothing is in hand. */
  take(): InHand {
    return this.#free.pop() ?? new Int32Array(new SharedArrayBuffer(8))
  }

  /** A task is through. One that was given up may yet have something in hand. */
  putBack({ inHand }: Task, { kind }: Pick<Reply, 'kind'> | { readonly kind: 'death' }): void {
    if ((kind !== 'work' && kind !== 'value') || this.#free.length >= HANDS_KEPT) return
    inHand.fill(0)
    this.#free.push(inHand)
  }
}
