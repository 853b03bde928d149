import { actor, createSystem, keysFromFile, type System } from 'holdfast'

export const safe = actor({
  name: 'safe',
  state: () => ({ things: [] as string[] }),
  on: {
    put(ctx, thing: string) {
      ctx.state.things.push(thing)
      return ctx.state.things.length
    },
  },
})

// region: open
/** The data are readable with the keys in this file, and with nothing else. */
export function openSafe(data: string, keyFile: string): Promise<System> {
  return createSystem({ name: 'bank', data, root: safe, keys: keysFromFile(keyFile) })
}
// end: open
