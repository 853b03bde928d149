import { afterEach, describe, expect, it } from 'vitest'
import { Crew } from './crew.js'
import type { Lane } from './lane.js'

let crew: Crew
let told: [what: 'ready' | 'ended', lane: Lane][] = []
let wake = (): void => undefined

function open(file: string): Crew {
  told = []
  const tell = (what: 'ready' | 'ended') => (lane: Lane) => {
    told.push([what, lane])
    wake()
  }
  const entry = new URL(file, import.meta.url)
  return (crew = new Crew({
    options: { execArgv: [] },
    entry,
    modules: () => [],
    onReady: tell('ready'),
    onEnded: tell('ended'),
  }))
}

/** Resolves when so much was told. */
async function untilTold(count: number): Promise<void> {
  while (told.length < count)
    await new Promise<void>((resolve) => {
      wake = resolve
    })
}

afterEach(() => crew.close())

describe('A crew', () => {
  it('has the threads that were hired, and none on top of them', async () => {
    open('./echo.fixture.mjs')
    const lanes = [crew.hire(0), crew.hire(0), crew.hire(0)]
    await untilTold(3)
    const nobody = { actor: 0, serial: 0, index: 0, inHand: new Int32Array(new SharedArrayBuffer(8)) }
    await Promise.all(lanes.map((lane) => crew.post(lane, { kind: 'forget', ...nobody })))
    expect(told.map(([what]) => what)).toEqual(['ready', 'ready', 'ready'])
    expect(crew.size).toBe(3)
  })

  it('C1 tells once of a thread that ended, and starts none in its place', async () => {
    open('./echo.fixture.mjs')
    const lane = crew.hire(0)
    await untilTold(1)
    crew.end(lane)
    crew.end(lane)
    await untilTold(2)
    expect(told).toEqual([
      ['ready', lane],
      ['ended', lane],
    ])
    expect([crew.size, lane.hasEnded, lane.death?.code]).toEqual([0, true, 'HF_THREAD_LOST'])
  })

  it('hires after threads that failed as they loaded', async () => {
    open('./nothing-there.mjs')
    crew.hire(0)
    await untilTold(1)
    const lane = crew.hire(0)
    await untilTold(2)
    expect(told[1]).toEqual(['ended', lane])
    expect(lane.death?.code).toBe('HF_THREAD_CRASH')
  })
})
