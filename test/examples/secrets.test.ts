import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openIncident, replay } from 'holdfast/replay'
import { swarm } from 'holdfast'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { desk, openDesk, Provider, useProvider } from './secrets.js'

const KEY = 'the-key-of-the-provider'
const base64 = Buffer.from(`{"key":"${KEY}"}`).toString('base64')

describe('the guide to secrets', () => {
  let data: string

  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'holdfast-desk-'))
  })

  afterEach(() => {
    rmSync(data, { recursive: true, force: true })
  })

  it('F-64 keeps a key in a prompt, in a header and in base64 out of every file, and replays', async () => {
    useProvider(new Provider(KEY))
    const system = await openDesk(data, () => [KEY])
    const asked = await system
      .ref(desk, '/desk')
      .ask('ask', { prompt: `is ${KEY} or ${base64} a good key?` }, { correlation: 'question' })
    await system.stop()
    expect(JSON.stringify(asked)).not.toContain(KEY)
    expect(asked).toMatchObject({
      text: expect.stringMatching(/^is \[redacted:secret:\w+\] or .*\[redacted:secret-base64:/) as string,
      headers: { authorization: expect.stringMatching(/^\[redacted:field:\w+\]$/) as string },
    })
    for (const name of readdirSync(data, { recursive: true }) as string[]) {
      if (name === 'segments' || name === 'pins') continue
      const bytes = readFileSync(join(data, name))
      for (const form of [KEY, base64.slice(4, -4), Buffer.from(KEY).toString('hex')])
        expect(bytes.includes(form), `${name}: ${form}`).toBe(false)
    }
    const incident = await openIncident({ data, correlation: 'question' })
    const report = await replay(incident, { swarm: swarm({ name: 'desk', root: desk }) })
    expect(report.identical).toBe(true)
    await incident.close()
  })
})
