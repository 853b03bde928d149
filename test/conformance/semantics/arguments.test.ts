import { actor, child, createSystem, supervisor } from 'holdfast'
import { describe, expect, it } from 'vitest'

describe('the arguments that a state is made from', () => {
  it('are not what a turn changes, also when the definition gives them back as the state', async () => {
    const basket = actor({
      name: 'basket',
      state: (args: { items: string[] }) => args,
      onFailure: { default: 'resume' },
      on: {
        add(ctx, { item, fails }: { item: string; fails: boolean }) {
          ctx.state.items.push(item)
          if (fails) throw new Error('after the change')
          return [...ctx.state.items]
        },
      },
    })
    const args = { items: ['first'] }
    const root = supervisor({ name: 'shop', children: [child(basket, { args })] })
    await using system = await createSystem({ name: 'shop', root })
    const ref = system.ref(basket, '/shop/basket')
    await ref.ask('add', { item: 'second', fails: false })
    await expect(ref.ask('add', { item: 'lost', fails: true })).rejects.toMatchObject({
      code: 'HF_ACTOR_FAILED',
    })
    expect(await ref.ask('add', { item: 'third', fails: false })).toEqual(['first', 'second', 'third'])
    expect(args).toEqual({ items: ['first'] })
  })
})
