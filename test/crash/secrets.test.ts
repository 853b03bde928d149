// Secrets that are handed to a swarm in every way there is, and nothing of them in any file afterwards.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { swarm } from 'holdfast'
import { backup, dump, restore } from 'holdfast/data'
import { exportIncident, openIncident, replay } from 'holdfast/replay'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gunzipSync } from 'node:zlib'
import { Program } from './process.js'
import { COOKIE, hand, open, root, SECRET, TOKEN } from './programs/secrets.js'

const bytesOf = (text: string): Buffer => Buffer.from(text)

/** The forms in which one of them could be in a file, each as bytes. */
function formsOf(secret: string): Map<string, Buffer> {
  const forms = new Map([
    ['as it is', bytesOf(secret)],
    ['as JSON', bytesOf(JSON.stringify(secret).slice(1, -1))],
    ['as JSON in JSON', bytesOf(JSON.stringify(JSON.stringify(secret)).slice(3, -3))],
    ['percent-encoded', bytesOf(encodeURIComponent(secret))],
    ['in hex', bytesOf(Buffer.from(secret).toString('hex'))],
    ['in capital hex', bytesOf(Buffer.from(secret).toString('hex').toUpperCase())],
    ['as UTF-16', Buffer.from(secret, 'utf16le')],
  ])
  for (const shift of [0, 1, 2])
    for (const form of ['base64', 'base64url'] as const) {
      const whole = Buffer.from('-'.repeat(shift) + secret).toString(form)
      forms.set(`${form} ${shift}`, bytesOf(whole.slice(shift === 0 ? 0 : shift + 1, -4)))
    }
  return forms
}

/** Every place in a directory where something is found that must not be there. */
function leaksIn(dir: string): string[] {
  const found: string[] = []
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const raw = readFileSync(file)
    const bytes = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw
    for (const secret of [SECRET, TOKEN, COOKIE])
      for (const [form, looked] of formsOf(secret))
        if (bytes.includes(looked)) found.push(`${entry.name}: ${secret} ${form} at ${bytes.indexOf(looked)}`)
  }
  return found
}

describe('F-64 S-36 secrets in every place where something can be handed in', () => {
  let home: string
  let data: string

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'holdfast-secrets-'))
    data = join(home, 'data')
  })

  afterEach(() => {
    rmSync(home, { recursive: true, force: true })
  })

  it('are in no file after a kill, a restart, an ordered stop, a backup, a dump and an export, and every incident replays', async () => {
    const program = new Program('secrets', [data])
    await program.until('settled')
    expect((await program.kill()).complaints).toBe('')
    expect(leaksIn(home)).toEqual([])

    const warnings: string[] = []
    const again = await open(data)
    again.on('warning', ({ message, error }) => warnings.push(`${message} ${error?.message ?? ''}`))
    await hand(again)
    await again.stop()
    expect(warnings.join('\n')).toContain('state.token holds something that must not be stored')
    expect(warnings.filter((text) => text.includes(SECRET))).toEqual([])
    expect(readdirSync(join(data, 'segments')).length).toBeGreaterThan(0)
    expect(leaksIn(home)).toEqual([])

    await backup({ data, to: join(home, 'backup') })
    await restore({ from: join(home, 'backup'), to: join(home, 'restored') })
    await dump({ data, file: join(home, 'dump.hfd') })
    await dump({ data, file: join(home, 'dump.json'), form: 'lines' })
    for (const correlation of ['call', 'tell', 'refused', 'fail', 'hoard']) {
      const incident = await openIncident({ data, correlation })
      const report = await replay(incident, { swarm: swarm({ name: 'secrets', root }) })
      expect([correlation, report.divergences, report.identical]).toEqual([correlation, [], true])
      const file = join(home, `${correlation}.hfi`)
      await exportIncident(incident, { file })
      await incident.close()
      const exported = await openIncident({ file })
      expect((await replay(exported, { swarm: swarm({ name: 'secrets', root }) })).identical).toBe(true)
      await exported.close()
    }
    expect(leaksIn(home)).toEqual([])

    const third = await open(data)
    expect(third.tree()).toMatchObject({ path: '/root' })
    expect((third.inspect('/root/hoarder').state as { token: string }).token).toBe(SECRET)
    await third.stop()
    expect(leaksIn(home)).toEqual([])
  })

  it('would be found by the same search where nothing is kept out', async () => {
    const system = await open(data, { secrets: [], fields: false, shapes: false })
    await hand(system)
    await system.stop()
    const found = leaksIn(home).join('\n')
    for (const [secret, forms] of [
      [SECRET, ['as it is', 'as JSON', 'as JSON in JSON', 'percent-encoded', 'in hex', 'base64 2']],
      [TOKEN, ['as it is']],
      [COOKIE, ['as it is']],
    ] as const)
      for (const form of forms) expect(found).toContain(`${secret} ${form} at`)
  })

  it('are seen by nobody who gets what the log holds, and as the same placeholder after a restart', async () => {
    const first = await open(data)
    const before = await hand(first)
    await first.stop()
    const second = await open(data)
    const after = await hand(second)
    await second.stop()
    const shown = (seen: unknown[]): string[] => {
      return JSON.stringify(seen, (_, value: unknown) => (value instanceof Map ? [...value] : value)).match(
        /\[redacted:[^\]]*\]/g,
      )!
    }
    expect(new Set(shown(before)).size).toBeGreaterThan(5)
    expect(new Set(shown(after))).toEqual(new Set(shown(before)))
    expect(JSON.stringify(before)).not.toContain(JSON.stringify(SECRET).slice(1, -1))
  })
})
