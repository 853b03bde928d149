import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actor, createSystem } from 'holdfast'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { failures } from './reading-the-log.js'

let data: string

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'holdfast-reading-'))
})

afterEach(() => {
  rmSync(data, { recursive: true, force: true })
})

it('what failed is read beside the system that runs, with its correlation', async () => {
  const root = actor({
    name: 'printer',
    onFailure: { default: 'resume' },
    on: {
      print() {
        throw new RangeError('no paper')
      },
    },
  })
  const system = await createSystem({ name: 'office', root, data })
  const asked = system.ref(root, '/printer').ask('print', undefined, { correlation: 'letter' })
  await expect(asked).rejects.toMatchObject({ code: 'HF_ACTOR_FAILED', cause: { message: 'no paper' } })
  expect(await failures(data)).toEqual(['letter: RangeError, no paper'])
  await system.stop()
})
