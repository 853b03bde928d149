import { expect, it } from 'vitest'
import { parser, parsing, renewAll } from './far-parser.js'

// What a thread loads is TypeScript here, which Node does not load by itself.
const register = import.meta.resolve('tsx/esm/api')
const loader = `data:text/javascript,import { register } from ${JSON.stringify(register)}; register()`
const execArgv = ['--conditions=@holdfast/source', '--import', loader]

it('an actor answers from its thread, also from the next one', async () => {
  const system = await parsing({ pools: { 'untrusted-input': { threads: 1, spare: false, execArgv } } })
  const parse = (): Promise<string[]> =>
    system.ref(parser, '/parser').ask('parse', 'a, b', { timeoutMs: 60_000 })
  expect(await parse()).toEqual(['a', 'b'])
  expect(await renewAll(system)).toEqual([expect.any(Number)])
  expect(await parse()).toEqual(['a', 'b'])
  await system.stop()
})
