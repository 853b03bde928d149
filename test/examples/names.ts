import { actor, child, registry, supervisor } from 'holdfast'

// region: registry
/** Who prints. It is an actor, so it comes before those that register with it. */
const names = registry({ name: 'names' })
// end: registry

// region: register
const printer = actor({
  name: 'printer',
  state: ({ colour }: { colour: string }) => ({ colour, printed: [] as string[] }),
  async onStart(ctx) {
    const directory = ctx.ref(names, '/shop/names')
    const answer = await ctx.ask(directory, 'register', { name: ctx.state.colour })
    if (!answer.ok) throw new Error(`${ctx.state.colour} is ${answer.reason}`)
    await ctx.ask(directory, 'join', { group: 'printers' })
  },
  on: {
    print(ctx, { text }: { text: string }) {
      ctx.state.printed.push(text)
    },
    notice(ctx, { text }: { text: string }) {
      ctx.state.printed.push(`notice: ${text}`)
    },
    scrap(ctx) {
      ctx.stop(ctx.self)
    },
  },
})
// end: register

// region: find
const clerk = actor({
  name: 'clerk',
  on: {
    async order(ctx, { colour, text }: { colour: string; text: string }) {
      const found = await ctx.ask(ctx.ref(names, '/shop/names'), 'whereis', { name: colour })
      if (found === undefined) return `nobody prints ${colour}`
      ctx.tell(found, 'print', { text })
      return `printed by ${found.path}`
    },
    close(ctx) {
      const notice = { text: 'we close at six' }
      ctx.tell(ctx.ref(names, '/shop/names'), 'publish', {
        group: 'printers',
        type: 'notice',
        payload: notice,
      })
    },
  },
})
// end: find

// region: shop
export const shop = supervisor({
  name: 'shop',
  children: [
    child(names),
    child(printer, { id: 'left', args: { colour: 'red' }, restart: 'transient' }),
    child(printer, { id: 'right', args: { colour: 'blue' }, restart: 'transient' }),
    child(clerk),
  ],
})
// end: shop
