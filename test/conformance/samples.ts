// Samples: the code in the pages. Each one is a copy of a file that tests run, and says of which:
//
//   <!-- from test/examples/bank.ts -->           the whole file
//   <!-- from test/examples/kitchen.ts#cook -->   what stands between `// region: cook` and `// end: cook`
//
// right before the fence. The page shows the copy, and the comment is not seen.

import type { RepositoryFile } from './repository.js'

/** One fenced block of code. */
export interface Sample {
  /** Page and line, as editors link it. */
  readonly where: string
  readonly text: string
  /** The file that it is from, with its region. */
  readonly source: string | undefined
}

const fence = /^( {0,3})```(?:ts|tsx|js|typescript|javascript)\b[^\n]*\n([\s\S]*?)^\1```\s*$/gm
const marker = /<!-- from (\S+) -->\s*$/

/** The TypeScript and JavaScript of a page. */
export function samplesIn(page: RepositoryFile): Sample[] {
  return [...page.text.matchAll(fence)].map((match) => {
    const before = page.text.slice(0, match.index)
    const line = before.split('\n').length
    return { where: `${page.path}:${line}`, text: match[2]!, source: marker.exec(before)?.[1] }
  })
}

/** What a source says, or `undefined` when there is no such file or region. */
export function sourceText(source: string, files: readonly RepositoryFile[]): string | undefined {
  const [path = '', name] = source.split('#', 2)
  const text = files.find((file) => file.path === path)?.text
  if (text === undefined || name === undefined) return text
  const lines = text.split('\n')
  const from = lines.findIndex((line) => line.trim() === `// region: ${name}`)
  const to = lines.findIndex((line) => line.trim() === `// end: ${name}`)
  return from === -1 || to <= from ? undefined : `${lines.slice(from + 1, to).join('\n')}\n`
}

/** What is wrong with a sample: it says nowhere where it is from, or is not what stands there. */
export function staleSample(sample: Sample, files: readonly RepositoryFile[]): string | undefined {
  const { where, text, source } = sample
  if (source === undefined) return `${where}: no comment says which file it is from`
  const there = sourceText(source, files)
  if (there === undefined) return `${where}: there is no ${source}`
  return there === text ? undefined : `${where}: is not what ${source} says`
}
