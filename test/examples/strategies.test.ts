import { createSystem, type Definition, type System } from 'holdfast'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { describe, expect, it } from 'vitest'
import { plant, shop } from './strategies.js'

async function started(root: Definition): Promise<{ system: System; time: VirtualAuthorities }> {
  const time = new VirtualAuthorities()
  const starting = createSystem({ name: root.name, root, authorities: time })
  await time.settle()
  return { system: await starting, time }
}

describe('the strategies of the guide', () => {
  it.each([
    ['/plant/senders/mail', ['/plant/senders/mail']],
    ['/plant/pipeline/parser', ['/plant/pipeline/parser', '/plant/pipeline/index']],
    ['/plant/pair/right', ['/plant/pair/left', '/plant/pair/right']],
  ])('a failure of %s starts again %j and nobody else', async (failing, again) => {
    const { system, time } = await started(plant)
    system.ref(failing).tell('fail')
    await time.settle()
    const all = system.tree().children.flatMap((each) => each.children)
    const twice = all.filter(({ path }) => (system.inspect(path).state as { starts: number }).starts === 2)
    expect(twice.map(({ path }) => path)).toEqual(again)
    expect(all).toHaveLength(7)
  })
})

describe('the directives of the guide', () => {
  it('resume takes back the turn that failed and nothing else', async () => {
    const { system, time } = await started(shop)
    const shelf = system.ref('/shop/shelf')
    shelf.tell('take', { items: 1 })
    shelf.tell('take', { items: 9 })
    await time.settle()
    expect(system.inspect('/shop/shelf')).toMatchObject({ state: { items: 2 }, restarts: 0 })
  })

  it('stop ends it, and a transient child stays down', async () => {
    const { system, time } = await started(shop)
    system.ref('/shop/shelf').tell('read', { page: '' })
    await time.settle()
    expect(system.inspect('/shop/shelf')).toMatchObject({ stopped: 'failed' })
  })

  it('what the policy does not name restarts', async () => {
    const { system, time } = await started(shop)
    system.ref('/shop/shelf').tell('read', null)
    await time.settle()
    expect(system.inspect('/shop/shelf')).toMatchObject({ stopped: undefined, restarts: 1 })
  })
})
