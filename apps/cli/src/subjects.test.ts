// What the command line shows of what belongs to a subject, with its key, without it, and when it is destroyed.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bankDirectory } from './bank-swarm.fixture.js'
import { said, type Said } from './terminal.fixture.js'

const CLINIC = `
import { actor, child, supervisor, swarm } from 'holdfast'

const patient = actor({
  name: 'patient',
  subject: (args: { of: string }) => args.of,
  snapshot: { everyBytes: 0 },
  state: (args: { of: string }) => ({ of: args.of, notes: [] as string[] }),
  on: {
    note(ctx, text: string) {
      ctx.state.notes.push(text)
      return 'noted ' + text
    },
  },
})

export default swarm({
  name: 'clinic',
  root: supervisor({
    name: 'clinic',
    children: ['ana', 'bob'].map((of) => child(patient, { id: 'bed-' + of.length + of[0], args: { of } })),
  }),
  on: {
    async ready(system, run) {
      for (const bed of ['bed-3a', 'bed-3b'])
        await system.ref(patient, '/clinic/' + bed).ask('note', 'fever of ' + bed, { correlation: 'round-' + bed })
      run.done()
    },
  },
})
`

describe('the command line and subjects', () => {
  let dir: string
  let remove: () => void
  const data = ['--data', 'data']
  const keys = ['--subject-keys', 'keys']

  beforeEach(async () => {
    ;({ dir, remove } = bankDirectory())
    writeFileSync(join(dir, 'clinic.ts'), CLINIC)
    expect(await here('run', 'clinic.ts', ...data, ...keys)).toMatchObject({ code: 0 })
  })

  afterEach(() => {
    remove()
  })

  const here = (...args: readonly string[]): Promise<Said> => said(args, { cwd: dir })

  async function shown(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await here(...args)
    expect([args.join(' '), code, stderr]).toEqual([args.join(' '), 0, ''])
    return stdout
  }

  it('S-32 shows values with the keys, and what they are without', async () => {
    const wanted = ['journal', ...data]
    expect(await shown(...wanted, ...keys)).toContain('fever of bed-3a')
    expect(await shown(...wanted)).not.toContain('fever')
    expect(await shown(...wanted)).toContain('[sealed]')
    expect(await shown('inspect', '/clinic/bed-3a', ...data, ...keys)).toContain('fever of bed-3a')
    expect(await shown('inspect', '/clinic/bed-3a', ...data)).toContain('[sealed]')
    expect(await shown('verify', ...data)).toContain('ok')
    expect(await here('run', 'clinic.ts', ...data)).toMatchObject({ code: 7 })
  })

  it('S-32 shreds a subject of data that nobody has open, and shows what was shredded as that', async () => {
    const swarm = ['--swarm', 'clinic.ts']
    const text = await shown('shred', 'ana', ...swarm, ...data, ...keys)
    expect(text).toMatch(/^shredded {2}subject [0-9a-f]{24} of .*: 1 actor ended/)
    const journal = await shown('journal', ...data, ...keys)
    expect(journal).not.toContain('fever of bed-3a')
    expect(journal).toContain('fever of bed-3b')
    expect(journal).toContain('[shredded]')
    expect(journal).toMatch(/has shredded subject [0-9a-f]{24}/)
    const records = await shown('journal', ...data, ...keys, '--json')
    expect(records).toContain('"$shredded"')
    expect(await shown('trace', 'round-bed-3a', ...data, ...keys)).toContain('[shredded]')
    expect(await shown('inspect', '/clinic/bed-3a', ...data, ...keys)).toContain('[shredded]')
    expect(await shown('verify', ...data, ...keys)).toContain('ok')
    const replayed = await shown('replay', 'round-bed-3a', ...swarm, ...data, ...keys)
    expect(replayed).toMatch(/shredded .* of \/clinic\/bed-3a not replayed/)
    expect(await shown('replay', 'round-bed-3b', ...swarm, ...data, ...keys)).toContain('identical')
    expect(await shown('shred', 'ana', ...swarm, ...data, ...keys, '--json')).toContain('"ended": 0')
  })

  it('S-32 says what it wants when it is not told enough', async () => {
    const wanted = ['shred', 'ana', '--swarm', 'clinic.ts', ...data]
    expect(await here(...wanted)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--subject-keys') as string,
    })
    expect(await here(...wanted, ...keys, '--timeout', 'soon')).toMatchObject({ code: 2 })
    expect(await here(...wanted, '--subject-keys', 'elsewhere')).toMatchObject({ code: 7 })
  })
})
