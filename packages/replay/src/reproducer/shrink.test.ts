import { actor, child, supervisor, System } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { memoryJournal } from '@holdfast/journal'
import { describe, expect, it } from 'vitest'
import { Incident } from '../incident.js'
import { reproduce } from './reproduce.js'
import { shrink } from './shrink.js'
import { testFile } from './test-file.js'

class Overdrawn extends Error {}

/** A purse that forgets its limit when somebody lends it; the mended one does not. */
function purse(isMended = false, everyBytes = 1_000_000) {
  const own = actor({
    name: 'purse',
    snapshot: { everyBytes },
    state: ({ from }: { from: number }) => ({ sum: from, limit: 10, rates: new Map<string, number>() }),
    onFailure: { default: 'resume' },
    on: {
      add(ctx, { sum }: { sum: number }) {
        ctx.state.sum += sum
      },
      lend(ctx) {
        if (!isMended) ctx.state.limit = 0
      },
      async rate(ctx, { of }: { of: string }) {
        ctx.state.rates.set(of, await ctx.effect('rate', () => 2))
      },
      take(ctx, { sum, of }: { sum: number; of: string }) {
        const rate = ctx.state.rates.get(of) ?? 1
        if (sum * rate > ctx.state.limit + 5)
          throw new Overdrawn(`${sum * rate} is more than ${ctx.state.limit}`)
      },
    },
  })
  return { root: supervisor({ name: 'house', children: [child(own, { id: 'purse', args: { from: 3 } })] }) }
}

async function failing(count: number, everyBytes?: number) {
  const authorities = new VirtualAuthorities()
  const log = memoryJournal(authorities)
  const starting = System.start({ name: 'house', root: purse(false, everyBytes).root, log, authorities })
  await authorities.settle()
  const own = (await starting).ref('/house/purse')
  for (let i = 0; i < count; i++) {
    if (i === Math.floor(count / 3)) own.tell('lend')
    else if (i === Math.floor(count / 2)) own.tell('rate', { of: 'EUR' })
    else own.tell('add', { sum: i })
    if (i % 100 === 0) await authorities.settle()
  }
  own.tell('take', { sum: 4, of: 'EUR' }, { correlation: 'taken' })
  await authorities.settle()
  return new Incident(log, 'taken')
}

describe('a failure', () => {
  it('of a thousand messages shrinks to those that it needs, effects included', async () => {
    const { reproduction, of, tries } = await shrink(await failing(1_000), { swarm: purse() })
    expect(reproduction.messages.map(({ type }) => type)).toEqual(['lend', 'rate', 'take'])
    expect(reproduction.messages[1]!.results).toMatchObject([{ effect: 'rate', value: 2 }])
    expect([of, reproduction.args, reproduction.state]).toEqual([1_001, { from: 3 }, undefined])
    expect(reproduction.error).toEqual({ name: 'Overdrawn', message: '8 is more than 0' })
    expect(tries).toBeLessThan(150)
  })

  it('fails again in its reproduction, every time, and no more once the code is mended', async () => {
    const { reproduction } = await shrink(await failing(20), { swarm: purse() })
    for (let i = 0; i < 2; i++) {
      const { error } = await reproduce({ ...reproduction, swarm: purse() })
      expect(error).toMatchObject({ name: 'Overdrawn', message: '8 is more than 0' })
    }
    const { error, state } = await reproduce({ ...reproduction, swarm: purse(true) })
    expect([error, (state as { limit: number }).limit]).toEqual([undefined, 10])
  })

  it('that rests on what was before its snapshot keeps the state of it', async () => {
    const { reproduction } = await shrink(await failing(600, 2_000), { swarm: purse() })
    expect(reproduction.messages.map(({ type }) => type)).toEqual(['take'])
    expect(reproduction.state).toMatchObject({
      version: 1,
      value: { limit: 0, rates: new Map([['EUR', 2]]) },
    })
  })

  it('that does not come again with this code is refused', async () => {
    await expect(shrink(await failing(10), { swarm: purse(true) })).rejects.toMatchObject({
      code: 'HF_DIVERGED',
    })
  })

  it('that is none is refused', async () => {
    const incident = await failing(10)
    const other = new Incident(incident.evidence, { from: 1, to: 4 })
    await expect(shrink(other, { swarm: purse() })).rejects.toMatchObject({ code: 'HF_NOTHING_FAILED' })
  })
})

describe('the file of a reproduction', () => {
  it('holds all that the failure needs and imports nothing but the swarm', async () => {
    const { reproduction } = await shrink(await failing(10), { swarm: purse() })
    const source = testFile(reproduction, { swarm: '../purse.js', incident: 'taken\n*/ bad' })
    expect(source).toMatchInlineSnapshot(`
      "// taken */ bad: /house/purse failed with Overdrawn while it handled "take".
      // Made by \`holdfast shrink\`: the fewest messages after which it still did. It passes once the failure is mended.

      import { expect, it } from 'vitest'
      import { reproduce, type Reproduction } from 'holdfast/replay'
      import swarm from '../purse.js'

      const reproduction: Reproduction = {
        actor: '/house/purse',
        parent: '/house',
        definition: 'purse',
        args: { from: 3 },
        error: { name: 'Overdrawn', message: '8 is more than 0' },
        messages: [
          { type: 'lend', position: 8, atMs: 1767225600000 },
          {
            type: 'rate',
            payload: { of: 'EUR' },
            position: 10,
            atMs: 1767225600000,
            results: [{ index: 0, effect: 'rate', value: 2, atMs: 1767225600000 }],
          },
          {
            type: 'take',
            payload: { sum: 4, of: 'EUR' },
            position: 15,
            atMs: 1767225600000,
          },
        ],
      }

      it('/house/purse handles "take" of taken */ bad', async () => {
        const { error } = await reproduce({ ...reproduction, swarm })
        expect(error).toBeUndefined()
      })
      "
    `)
  })
})
