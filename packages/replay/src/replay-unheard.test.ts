import { actor, child, oneForOne, supervisor, System, virtualActors } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { memoryJournal } from '@holdfast/journal'
import { expect, it } from 'vitest'
import { Incident } from './incident.js'
import { replay } from './player.js'

const never = (): Promise<never> => new Promise(() => undefined)

const sleeper = actor({ name: 'sleeper', on: { wake: () => 1 } })
const other = actor({ name: 'other', on: { known: () => 7 } })
const kid = actor({ name: 'kid', on: {} })
const subject = actor({
  name: 'it',
  digestEvery: 1,
  spawns: [kid],
  onFailure: { default: 'resume' },
  state: () => ({ seen: [] as unknown[] }),
  on: {
    async losesARace(ctx) {
      ctx.state.seen.push(
        await Promise.race([ctx.ask(ctx.ref(other, '/root/other'), 'known'), ctx.effect('look', never)]),
      )
    },
    async losesARaceAndLooksAgain(ctx) {
      await Promise.race([ctx.effect('look', never), ctx.lives(ctx.self)])
      ctx.state.seen.push(await ctx.effect('look', () => 2))
    },
    async asksForTheUnknown(ctx) {
      const code = (error: unknown): unknown => (error as { code?: string }).code
      ctx.state.seen.push(await ctx.ask(ctx.ref('/root/other'), 'unknown').catch(code))
    },
    tellsTheUnknown(ctx) {
      ctx.tell(ctx.ref('/root/other'), 'unknown')
    },
    spawnsTwice(ctx) {
      ctx.spawn(kid, { name: 'kid' })
    },
    stopsTheOther(ctx) {
      ctx.stop(ctx.ref('/root/other'))
    },
    stopsNobody(ctx) {
      ctx.stop(ctx.ref('/root/it/nobody'))
    },
    stopsAChildThatIsNotYetBornAndItself(ctx) {
      const unborn = ctx.spawn(kid)
      ctx.stop(unborn)
      ctx.stop(ctx.self)
    },
    linksItself(ctx) {
      ctx.link(ctx.self)
    },
    unlinksItself(ctx) {
      ctx.unlink(ctx.self)
    },
    wakes(ctx) {
      ctx.tell(ctx.ref(sleeper, '/root/home/ana'), 'wake')
    },
    async failsUnderAChange(ctx) {
      const isNew = ctx.patched('x')
      await ctx.effect('look', () => 3)
      throw new Error(isNew ? 'new' : 'old')
    },
  },
})
const home = virtualActors({ name: 'home', of: sleeper })
const root = supervisor({
  name: 'root',
  strategy: oneForOne(),
  children: [child(subject), child(other), child(home)],
})

it.each([
  ['an effect that lost a race', 'losesARace'],
  ['an effect that lost a race, and a later one of the same name', 'losesARaceAndLooksAgain'],
  ['a question that was refused at once', 'asksForTheUnknown'],
  ['a message that its receiver does not know', 'tellsTheUnknown'],
  ['a second child of one name', 'spawnsTwice'],
  ['the stop of somebody who is no child', 'stopsTheOther'],
  ['the stop of a child that is not there', 'stopsNobody'],
  ['the stop of a child that is not yet born, and of itself', 'stopsAChildThatIsNotYetBornAndItself'],
  ['a link with itself', 'linksItself'],
  ['the end of a link with itself', 'unlinksItself'],
  ['a virtual actor that was woken', 'wakes'],
  ['a failure under a change that it had asked for before it waited', 'failsUnderAChange'],
])('a turn with %s replays as it was', async (_what, type) => {
  const authorities = new VirtualAuthorities()
  const journal = memoryJournal(authorities)
  const starting = System.start({ name: 'unheard', root, log: journal, authorities })
  await authorities.settle()
  const system = await starting
  for (let i = 0; i < 2; i++) {
    system.ref('/root/it').tell(type as never, undefined, { correlation: 'it' })
    await authorities.advance(10)
  }
  const { divergences, counts } = await replay(new Incident(journal, 'it'), { swarm: { root } })
  expect(divergences).toEqual([])
  expect(counts.turns).toBeGreaterThanOrEqual(2)
})
