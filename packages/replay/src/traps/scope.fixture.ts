import type { Leak } from './leak.js'
import type { TrapScope } from './scope.js'

/** A scope of the order at position 7, at a second after 1970, that keeps what leaks. */
export function scopeOf(mode: TrapScope['mode']): TrapScope & { readonly leaks: Leak[]; nowMs: number } {
  const leaks: Leak[] = []
  return {
    mode,
    actor: '/orders',
    message: 'place',
    position: 7,
    leaks,
    nowMs: 1_000,
    now() {
      return this.nowMs
    },
    onLeak(leak) {
      leaks.push(leak)
    },
  }
}
