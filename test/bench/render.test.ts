import { describe, expect, it } from 'vitest'
import { type BenchDocument } from './document.js'
import { renderMarkdown } from './render-markdown.js'
import { renderText } from './render-text.js'

const document: BenchDocument = {
  schema: 'holdfast.bench/1',
  machine: {
    cpu: 'Zilog Z80',
    cores: 2,
    memoryBytes: 24 * 2 ** 30,
    node: 'v20.20.2',
    kernel: 'Linux 6.1',
    fileSystem: 'ext4',
  },
  results: [
    {
      name: 'tell',
      value: 21_000_000,
      unit: 'messages/s',
      better: 'higher',
      target: 20_000_000,
      meetsTarget: true,
      spread: 0.02,
      rounds: 5,
      against: [{ name: 'nact', version: '7.6.2', value: 280_000, ratio: 75, spread: 0.04 }],
      notMeasured: [{ name: 'erlang', reason: 'erl is not installed' }],
    },
    {
      name: 'ask-durable',
      value: 0.9,
      unit: 'ms',
      better: 'lower',
      target: 0.6,
      meetsTarget: false,
      spread: 0.01,
      rounds: 6,
      against: [{ name: 'lmdb', value: 0.4, ratio: 2.25, spread: 0.05 }],
      notMeasured: [],
    },
  ],
  failed: [],
}

describe('renderText', () => {
  it('shows the machine, ours, and each other with its ratio in lines below', () => {
    expect(renderText(document).split('\n')).toEqual([
      'Zilog Z80, 2 cores, 24 GiB, Node v20.20.2, Linux 6.1, data on ext4',
      '',
      'benchmark    who       value    unit        spread  ratio   target',
      'tell         holdfast  21 M     messages/s  2 %             20 M (met)',
      '             nact      280,000  messages/s  4 %     75 x',
      '             erlang    not measured: erl is not installed',
      'ask-durable  holdfast  0.9      ms          1 %             0.6 (missed)',
      '             lmdb      0.4      ms          5 %     2.25 x',
      '',
    ])
  })

  it('names what failed below the table', () => {
    const failed = [{ name: 'tell', contender: 'comedy', reason: 'it lost a message' }]
    expect(renderText({ ...document, failed })).toContain('\n\ntell: comedy failed: it lost a message\n')
  })
})

describe('a contender that measured in a unit of its own', () => {
  const beside = { name: 'unsupervised', value: 60, unit: 'ns/message', ratio: 1.02, spread: 0.04 }
  const [first] = document.results
  const other = {
    ...document,
    results: [{ ...first!, name: 'supervised-tell', unit: '%', against: [beside] }],
  }

  it('is shown in that unit', () => {
    expect(renderText(other)).toMatch(/unsupervised +60 +ns\/message +4 % +1\.02 x/)
    expect(renderMarkdown(other, '2026-02-28')).toContain('unsupervised: 60 ns/message ± 4 %, **1.02 x**')
  })
})

describe('renderMarkdown', () => {
  const page = renderMarkdown(document, '2026-02-28')

  it('names the day, the machine and the fewest rounds', () => {
    expect(page).toContain('on 2026-02-28;')
    expect(page).toContain('Machine: Zilog Z80, 2 cores, 24 GiB, Node v20.20.2, Linux 6.1, data on ext4.')
    expect(page).toContain('Rounds: 5.')
  })

  it('gives each benchmark a row with value, spread, target and every ratio', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'))
    const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()))
    expect(cells).toEqual([
      [
        '',
        '`tell`',
        '**21 M** messages/s',
        '2 %',
        'at least 20 M, met',
        'nact 7.6.2: 280,000 ± 4 %, **75 x**',
        '',
      ],
      ['', '`ask-durable`', '**0.9** ms', '1 %', 'at most 0.6, missed', 'lmdb: 0.4 ± 5 %, **2.25 x**', ''],
    ])
  })

  it('aligns the table, as the format check of the repository wants it', () => {
    const lines = page.split('\n').filter((line) => line.startsWith('|'))
    expect(new Set(lines.map((line) => line.length)).size).toBe(1)
  })

  it('says what is not measured, and who was absent', () => {
    const [, missing] = page.split('## What is not measured')
    expect(missing).toContain('**erlang in `tell`.** On this machine erl is not installed.')
    expect(missing!.match(/^- /gm)!.length).toBeGreaterThan(8)
  })

  it('ends with one line end', () => {
    expect(page).toMatch(/[^\n]\n$/)
  })
})
