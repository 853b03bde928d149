import { assign, sendParent, setup } from 'xstate'

/** Counts, tells its parent at three, and ends at five. */
export const counterMachine = setup({
  types: {
    context: {} as { n: number },
    input: {} as { from: number | undefined },
    events: {} as { type: 'ADD'; by: number } | { type: 'BREAK' },
    output: {} as number,
  },
  actions: {
    breakDown: () => {
      throw new RangeError('broken')
    },
  },
}).createMachine({
  id: 'counter',
  context: ({ input }) => ({ n: input.from ?? 0 }),
  initial: 'counting',
  states: {
    counting: {
      always: { guard: ({ context }) => context.n >= 5, target: 'full' },
      on: {
        ADD: [
          {
            guard: ({ context, event }) => context.n + event.by === 3,
            actions: [assign({ n: 3 }), sendParent({ type: 'THREE' })],
          },
          { actions: assign({ n: ({ context, event }) => context.n + event.by }) },
        ],
        BREAK: { actions: 'breakDown' },
      },
    },
    full: { type: 'final' },
  },
  output: ({ context }) => context.n,
})
