import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { customer, forget, greet, mailer, openShop } from './shredded.js'

describe('the guide to shredding', () => {
  let home: string

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'holdfast-shredded-'))
  })

  afterEach(() => {
    rmSync(home, { recursive: true, force: true })
  })

  it('S-32 forgets one customer for good, and no other', async () => {
    const [data, keys] = [join(home, 'data'), join(home, 'keys')]
    {
      await using system = await openShop(data, keys)
      for (const name of ['ana', 'bob'])
        expect(await system.get(customer, name).ask('order', 'a book')).toBe(1)
      greet(system, 'ana')
      expect(await forget(system, 'ana')).toBe(1)
    }
    await using system = await openShop(data, keys)
    expect(await system.get(customer, 'bob').ask('order', 'a lamp')).toBe(2)
    await expect(system.get(customer, 'ana').ask('order', 'a lamp')).rejects.toMatchObject({
      code: 'HF_SUBJECT_SHREDDED',
    })
    expect(await system.ref(mailer, '/shop/mailer').ask('sent')).toBe(4)
  })
})
