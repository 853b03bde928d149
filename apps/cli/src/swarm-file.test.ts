import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actor, swarm } from 'holdfast'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadSwarm, type LoadModule } from './swarm-file.js'

const found = swarm({ name: 'bank', root: actor({ name: 'bank', on: {} }) })
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-swarm-'))
  writeFileSync(join(dir, 'swarm.mjs'), '')
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

const load = (module: LoadModule) => loadSwarm('swarm.mjs', dir, module)

it('the default export is the swarm, also one level down where CommonJS puts it', async () => {
  expect(await load(async () => ({ default: found }))).toEqual({ file: join(dir, 'swarm.mjs'), swarm: found })
  expect((await load(async () => ({ default: { default: found } }))).swarm).toBe(found)
})

it.each([
  ['no default export', async () => ({}), /has no default export/],
  ['another default export', async () => ({ default: found.root }), /not a swarm/],
  ['a null default export', async () => ({ default: null }), /not a swarm/],
])('a file with %s is refused with what to write', async (_name, module, message) => {
  const refused = await load(module).catch((error: unknown) => error)
  expect(refused).toMatchObject({
    code: 'HF_SWARM_UNLOADABLE',
    message: expect.stringMatching(message) as string,
  })
  expect(refused).toHaveProperty('hint', expect.stringContaining('export default swarm'))
})

it('a file that does not load says why', async () => {
  const cause = new SyntaxError('Unexpected token')
  const refused = await load(async () => Promise.reject(cause)).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'HF_SWARM_UNLOADABLE', cause })
  expect(refused).toHaveProperty('message', expect.stringContaining('does not load: Unexpected token'))
})

it('a file that is not there is never loaded', async () => {
  const never: LoadModule = () => Promise.reject(new Error('it was loaded'))
  await expect(loadSwarm('other.mjs', dir, never)).rejects.toThrow(/There is no file .*other\.mjs/)
})
