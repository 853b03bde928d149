// Reference pages and code say the same: every code, limit, event and kind of record has its place.

import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '@holdfast/kernel'
import { repositoryFiles } from './repository.js'

const files = repositoryFiles()

function text(path: string): string {
  const file = files.find((each) => each.path === path)
  if (file === undefined) throw new Error(`there is no ${path}`)
  return file.text
}

/** The headings of a page, without their marks. */
function headings(path: string): string[] {
  return [...text(path).matchAll(/^#{2,6} (.+)$/gm)].map(([, heading = '']) => heading)
}

/** The limits that a file exports, with their values as people write them. */
function limits(path: string): { name: string; value: string }[] {
  const found = text(path).matchAll(/^export const ([A-Z_]+) = ([\d_]+)$/gm)
  return [...found].map(([, name = '', value = '']) => ({ name, value: value.replaceAll('_', ',') }))
}

describe('the page of errors', () => {
  const page = text('docs/reference/errors.md')

  it('has a heading for every code, and none for a code that is not there', () => {
    const codes = headings('docs/reference/errors.md').filter((heading) => heading.startsWith('HF_'))
    expect(codes.sort()).toEqual(Object.keys(ERROR_CODES).sort())
  })

  it.each(Object.entries(ERROR_CODES))('says that %s is %s', (code, disposition) => {
    expect(page).toContain(`### ${code}\n\n_${disposition}._`)
  })
})

describe('the page of limits', () => {
  const all = ['kernel', 'resilience', 'journal', 'threads', 'replay'].flatMap((name) =>
    limits(`packages/${name}/src/limits.ts`),
  )
  const page = text('docs/reference/limits.md')

  it.each(all)('says that $name is $value', ({ name, value }) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\``))
    expect(row?.split('|')[2]?.trim().split(' ')[0]).toBe(value)
  })

  it('knows no limit that is not in the code', () => {
    const named = [...page.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name)
    expect(named.sort()).toEqual(all.map(({ name }) => name).sort())
  })
})

describe('the page of events', () => {
  it('has a heading for every event, and none for one that is not there', () => {
    const source = text('packages/kernel/src/events.ts')
    const body = /export interface SystemEvents \{\n([\s\S]*?)\n\}/.exec(source)?.[1] ?? ''
    const events = [...body.matchAll(/^ {2}'?([a-z-]+)'?:/gm)].map(([, event]) => event)
    expect(events.length).toBeGreaterThan(5)
    expect(headings('docs/reference/events.md').sort()).toEqual(events.sort())
  })
})

describe('the page of the log format', () => {
  const page = text('docs/reference/log-format.md')

  it('has a row for every kind of record, under the number that stands in stored data', () => {
    const source = text('packages/journal/src/batch-format.ts')
    const list = /DATA_KINDS[^=]*= \[([\s\S]*?)\]/.exec(source)?.[1] ?? ''
    const kinds = [...list.matchAll(/'([a-z-]+)'/g)].map(([, kind]) => kind)
    expect(kinds).toContain('directive')
    const rows = [...page.matchAll(/^\| (\d+) +\| `([a-z-]+)`/gm)].map(([, number, kind]) => [
      Number(number),
      kind,
    ])
    expect(rows).toEqual(kinds.map((kind, number) => [number, kind]))
  })
})

describe('the page of the command line', () => {
  const page = text('docs/reference/cli.md')
  const files = ['cli', 'incident-commands', 'moving-commands']
  const source = files.map((name) => text(`apps/cli/src/${name}.ts`)).join('')

  it('has a heading for every command', () => {
    const commands = [...source.matchAll(/\.command\('([a-z]+)'\)/g)].map(([, name]) => name)
    expect(commands.length).toBeGreaterThan(5)
    expect(headings('docs/reference/cli.md')).toEqual(expect.arrayContaining(commands))
  })

  it('names every option', () => {
    const options = [...source.matchAll(/'(?:-\w, )?(--[a-z-]+)[ '=]/g)].map(([, name]) => name!)
    expect(options).toEqual(expect.arrayContaining(['--json', '--data', '--against', '--sort']))
    expect(options.filter((name) => !page.includes(name))).toEqual([])
  })

  it('has a row for every exit code', () => {
    const table =
      /export const EXIT = \{([\s\S]*?)\} as const/.exec(text('apps/cli/src/exit-codes.ts'))?.[1] ?? ''
    const codes = [...table.matchAll(/^ {2}\w+: (\d+),/gm)].map(([, code]) => Number(code))
    const rows = [...page.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code))
    expect(codes).toContain(141)
    expect(rows.sort()).toEqual(codes.sort())
  })
})

describe('the map of the API', () => {
  it('names everything that the users import and that is no type', () => {
    const page = text('docs/reference/api.md')
    const sources = ['holdfast/src/index', 'holdfast/src/data', 'replay/src/index']
    const names = sources.flatMap((source) => {
      const path = `packages/${source}.ts`
      const lists = [...text(path).matchAll(/export \{([^}]*)\}/g)].flatMap(([, list = '']) =>
        list.split(','),
      )
      return lists.map((name) => name.trim()).filter((name) => name !== '' && !name.startsWith('type '))
    })
    expect(names).toEqual(expect.arrayContaining(['actor', 'createSystem', 'replay']))
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([])
  })

  it.each([
    ['a definition', 'packages/kernel/src/definition.ts', 'ActorSpec'],
    ['ctx', 'packages/kernel/src/context.ts', 'Context'],
  ])('names every field of %s', (_what, path, type) => {
    const page = text('docs/reference/api.md')
    const body =
      new RegExp(`export interface ${type}<[^>]*> \\{\\n([\\s\\S]*?)\\n\\}`).exec(text(path))?.[1] ?? ''
    const fields = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[?(:<]/gm)].map(([, field]) => field!)
    expect(fields.length).toBeGreaterThan(15)
    expect(fields.filter((field) => !new RegExp(`\\b${field}\\b`).test(page))).toEqual([])
  })
})

describe('the page of semantics', () => {
  const page = text('docs/reference/semantics.md')
  const known = [...page.matchAll(/^\[([^\]]+)\]: /gm)].map(([, name]) => name!)
  const body = page.slice(page.indexOf('## Turns'), page.search(/^\[[^\]]+\]: /m))
  const guarantees = body.split(/^- /m).slice(1)
  // A name may be broken over two lines.
  const named = (part: string): string[] =>
    [...part.matchAll(/\[([^\]]+)\]/g)].map(([, name]) => name!.replace(/\s+/g, ' '))

  it('names the test that holds it for every guarantee', () => {
    expect(guarantees.length).toBeGreaterThan(30)
    expect(guarantees.filter((each) => !named(each).some((name) => known.includes(name)))).toEqual([])
  })

  it('says where every test is that it names, and names every test that it knows', () => {
    expect([...new Set(named(body))].sort()).toEqual([...known].sort())
  })
})
