import { actor, allForOne, child, oneForOne, restForOne, supervisor } from 'holdfast'

/** Counts its own starts, so that a test sees who was restarted. */
const part = (name: string) =>
  actor({
    name,
    state: () => ({ starts: 0 }),
    onStart(ctx) {
      ctx.state.starts += 1
    },
    on: {
      fail() {
        throw new Error(`${name} fails`)
      },
    },
  })

const [feed, parser, index] = [part('feed'), part('parser'), part('index')]
const [left, right] = [part('left'), part('right')]
const [mail, sms] = [part('mail'), part('sms')]

// region: strategies
/** Mail and SMS know nothing of each other. */
const senders = supervisor({
  name: 'senders',
  strategy: oneForOne(),
  children: [child(mail), child(sms)],
})

/** Each one builds on those before it: when the parser starts again, so does the index, and the feed stays. */
const pipeline = supervisor({
  name: 'pipeline',
  strategy: restForOne({ maxRestarts: 5, withinMs: 10_000 }),
  children: [child(feed), child(parser), child(index)],
})

/** The two halves agree with each other or with nobody. */
const pair = supervisor({
  name: 'pair',
  strategy: allForOne(),
  children: [child(left), child(right)],
})

export const plant = supervisor({
  name: 'plant',
  children: [child(senders), child(pipeline), child(pair)],
})
// end: strategies

// region: directives
class OutOfStock extends Error {}
class CorruptPage extends Error {}

const shelf = actor({
  name: 'shelf',
  state: ({ items }: { items: number }) => ({ items }),
  on: {
    take(ctx, { items }: { items: number }) {
      ctx.state.items -= items
      if (ctx.state.items < 0) throw new OutOfStock()
      return ctx.state.items
    },
    read(_ctx, { page }: { page: string }) {
      if (page === '') throw new CorruptPage()
      return page.length
    },
  },
  onFailure: {
    OutOfStock: 'resume', // the caller asked for too much; nothing is wrong with the shelf
    CorruptPage: 'stop', // it would be the same page again
    default: 'restart',
  },
})
// end: directives

export const shop = supervisor({
  name: 'shop',
  children: [child(shelf, { args: { items: 3 }, restart: 'transient' })],
})
