import { expect, it } from 'vitest'
import { Output } from './output.js'
import type { Terminal } from './terminal.js'

function setUp(json: boolean, isTTY = false, env: Record<string, string> = {}) {
  const said = { stdout: '', stderr: '' }
  const sink = (name: 'stdout' | 'stderr') => ({
    isTTY,
    write: (text: string) => {
      said[name] += text
      return Promise.resolve()
    },
  })
  const terminal = { env, stdout: sink('stdout'), stderr: sink('stderr') } as unknown as Terminal
  return { said, output: new Output(terminal, { json, color: true, verbose: false }) }
}

it('a document carries its schema', async () => {
  const { said, output } = setUp(true)
  await output.document('tree', { data: 'd' })
  expect(JSON.parse(said.stdout)).toEqual({ schema: 'holdfast.tree/1', data: 'd' })
})

it('a document that cannot be made leaves stdout empty', async () => {
  const { said, output } = setUp(true)
  let deep: unknown = null
  for (let i = 0; i < 100_000; i++) deep = [deep]
  await expect(output.document('tree', { deep })).rejects.toMatchObject({ code: 'HF_INVALID', field: 'json' })
  expect(said.stdout).toBe('')
})

it('notes stand beside a text and not beside a document; warnings beside both', () => {
  for (const json of [false, true]) {
    const { said, output } = setUp(json)
    output.note('note')
    output.warn('warning')
    expect(said).toEqual({ stdout: '', stderr: json ? 'warning\n' : 'note\nwarning\n' })
  }
})

it.each([
  ['a terminal', false, true, {}, '\r\u001b[Khalf'],
  ['a pipe', false, false, {}, ''],
  ['--json', true, true, {}, ''],
  ['continuous integration', false, true, { CI: 'true' }, ''],
])('progress with %s', (_name, json, isTTY, env, expected) => {
  const { said, output } = setUp(json, isTTY, env)
  output.progress('half')
  expect(said.stderr).toBe(expected)
})

it('with --json nothing is coloured, also on a terminal', () => {
  expect(setUp(true, true).output.side.bad('x')).toBe('x')
  expect(setUp(false, true).output.side.bad('x')).not.toBe('x')
})
