import { describe, expect, it } from 'vitest'
import { repositoryFiles } from './repository.js'
import { samplesIn, sourceText, staleSample } from './samples.js'

const files = repositoryFiles()

describe('the pages', () => {
  const samples = files.filter(({ path }) => path.endsWith('.md')).flatMap(samplesIn)

  it('show no code that is not a copy of a file which tests run', () => {
    expect(samples.length).toBeGreaterThan(5)
    expect(samples.flatMap((sample) => staleSample(sample, files) ?? [])).toEqual([])
  })

  it('take their code from the folders of tests and examples', () => {
    const elsewhere = samples.filter(({ source }) => source?.startsWith('test/') === false)
    expect(elsewhere).toEqual([])
  })
})

describe('the check', () => {
  const source = { path: 'test/a.ts', text: 'top()\n// region: one\nconst a = 1\n// end: one\n' }
  const page = (marker: string, code: string) => ({
    path: 'a.md',
    text: `# A\n\n${marker}\n\n\`\`\`ts\n${code}\`\`\`\n`,
  })

  it.each([
    ['a copy of a region', '<!-- from test/a.ts#one -->', 'const a = 1\n', undefined],
    ['a copy of a file', '<!-- from test/a.ts -->', source.text, undefined],
    [
      'code that is not the same',
      '<!-- from test/a.ts#one -->',
      'const a = 2\n',
      'a.md:5: is not what test/a.ts#one says',
    ],
    ['code from nowhere', '', 'const a = 1\n', 'a.md:5: no comment says which file it is from'],
    ['a region that is not there', '<!-- from test/a.ts#two -->', '', 'a.md:5: there is no test/a.ts#two'],
    ['a file that is not there', '<!-- from test/b.ts -->', '', 'a.md:5: there is no test/b.ts'],
  ])('of %s', (_what, marker, code, problem) => {
    const [sample] = samplesIn(page(marker, code))
    expect(staleSample(sample!, [source])).toBe(problem)
  })

  it('takes a region without its marks', () => {
    expect(sourceText('test/a.ts#one', [source])).toBe('const a = 1\n')
  })
})
