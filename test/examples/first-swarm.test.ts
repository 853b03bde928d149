// The tutorial from end to end: the kitchen on virtual time, then its commands as the reader types them, on the real
// command line and with a process that is really killed.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createSystem, machineAuthorities } from 'holdfast'
import { openJournal } from '@holdfast/journal'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import fixed from './first-swarm-fixed.js'
import kitchen, { till } from './first-swarm.js'
import { replayed } from './replay-incident.js'

describe('the kitchen', () => {
  it('serves an order every half second, and the till starts again at the cake with its bill intact', async () => {
    const time = new VirtualAuthorities()
    const starting = createSystem({ name: 'kitchen', root: kitchen.root, authorities: time })
    await time.settle()
    const system = await starting
    const failed: string[] = []
    system.on('failed', ({ offender, reason, correlationId }) => {
      failed.push(`${correlationId} ${offender} ${reason.name}`)
    })
    await time.advance(4_000)
    expect(failed).toEqual(['order-3 /kitchen/till NoPrice'])
    expect(system.inspect('/kitchen/till').restarts).toBe(1)
    const asked = system.ref(till, '/kitchen/till').ask('bill')
    await time.settle()
    expect(await asked).toEqual({ plates: 7, total: 45 })
  })
})

const bin = fileURLToPath(new URL('../../apps/cli/src/bin.ts', import.meta.url))
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-first-swarm-'))
})

afterAll(() => {
  rmSync(dir, { recursive: true, force: true })
})

function holdfast(...args: string[]): ChildProcess {
  const flags = ['--conditions=@holdfast/source', '--import', tsx, bin]
  // The tsx that runs the sources keeps its cache in the thread that a replay seals, from Node 24 on.
  const own = { HOLDFAST_DATA: '', NODE_OPTIONS: '', FORCE_COLOR: '', TSX_DISABLE_CACHE: '1' }
  const env = { ...process.env, ...own }
  return spawn(process.execPath, [...flags, ...args], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** A process and what it says on stderr. */
class Running {
  readonly child: ChildProcess
  readonly #lines: string[] = []
  #heard: (() => void) | null = null

  constructor(child: ChildProcess) {
    this.child = child
    child.stdout?.resume()
    createInterface({ input: child.stderr! }).on('line', (line) => {
      this.#lines.push(line)
      this.#heard?.()
    })
    child.on('close', () => this.#heard?.())
  }

  /** Resolves with the first line that says this, and forgets those before it. */
  async says(wanted: string): Promise<string> {
    for (;;) {
      const line = this.#lines.shift()
      if (line?.includes(wanted) === true) return line
      if (line !== undefined) continue
      if (this.child.exitCode !== null) throw new Error(`it ended without saying "${wanted}"`)
      await new Promise<void>((resolve) => (this.#heard = resolve))
    }
  }

  /** Sends a signal. @returns exit code and signal once it has ended */
  async end(signal: NodeJS.Signals): Promise<unknown[]> {
    this.child.kill(signal)
    return once(this.child, 'close')
  }
}

async function output(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  let text = ''
  child.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stderr!.resume()
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, text }
}

/** The names of the orders in the log, one for each time that one was given to the cook. */
async function orders(data: string): Promise<string[]> {
  const journal = openJournal({ dir: data, readOnly: true, authorities: machineAuthorities() })
  const names = [...journal.read(1)]
    .filter((record) => record.kind === 'message' && record.type === 'order')
    .map((record) => journal.correlationName(record.correlation))
  await journal.close()
  return names
}

describe('the commands of the tutorial', () => {
  it('run it, kill it, see it go on, trace and replay the incident', { timeout: 120_000 }, async () => {
    const first = new Running(holdfast('run', file('first-swarm.ts'), '--verbose'))
    expect(await first.says('failed')).toContain('/kitchen/till NoPrice: the cake has no price order-3')
    await first.says('order-4')
    expect(await first.end('SIGKILL')).toEqual([null, 'SIGKILL'])

    const second = new Running(holdfast('run', file('first-swarm.ts'), '--verbose'))
    await second.says('order-6')
    expect(await second.end('SIGINT')).toEqual([130, null])
    const data = join(dir, '.holdfast', 'kitchen')
    expect(await orders(data)).toEqual(['order-1', 'order-2', 'order-3', 'order-4', 'order-5', 'order-6'])

    const { text: traced } = await output(holdfast('trace', 'order-3'))
    expect(traced).toContain('/kitchen/cook  effect read-menu #0 gave NaN')
    expect(traced).toContain('/kitchen  decides: restart till, because /kitchen/till failed with NoPrice')
    expect(await replayed(data, 'order-3', kitchen.root)).toMatchObject({ identical: true })
    const against = await output(holdfast('replay', 'order-3', '--against', file('first-swarm-fixed.ts')))
    expect(against.code).toBe(5)
    expect(against.text).toContain('it is handled and was recorded as failed with NoPrice')
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    await replayed(data, 'order-3', fixed.root)
    expect(said.mock.calls).toEqual([
      [expect.stringContaining('/kitchen/till handled "charge": it is handled')],
    ])
    said.mockRestore()
  })
})
