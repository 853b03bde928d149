import { actor, HoldfastError, type System } from 'holdfast'

export const intake = actor({
  name: 'intake',
  state: () => ({ readings: 0 }),
  on: {
    reading(ctx, _reading: { celsius: number; raw: string }) {
      ctx.state.readings += 1
    },
    readings: (ctx) => ctx.state.readings,
  },
})

// region: watch
/** Says when the disk refuses, and when it takes records again. */
export function watchDisk(system: System, say: (line: string) => void): void {
  system.on('store-failed', ({ failure }) => {
    say(`${failure.code}: ${failure.message}`)
  })
  system.on('store-recovered', () => {
    say('the disk takes records again')
  })
}
// end: watch

// region: send
/** Sends a reading; while too much waits for the disk, it waits for room instead of giving up. */
export async function send(system: System, celsius: number, raw: string): Promise<void> {
  const to = system.ref(intake, '/intake')
  for (;;) {
    try {
      to.tell('reading', { celsius, raw })
      return
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.disposition !== 'retryable') throw error
      await system.room()
    }
  }
}
// end: send
