// Text of a log in Markdown: shown as it is, whatever it holds, and never obeyed.

import { inert } from '../inert.js'

/** Text in a paragraph, a heading or a cell. */
export function plain(text: string): string {
  return inert(text).replace(/[\\`*_{}[\]()<>#+!|~&-]/g, (sign) =>
    sign === '-' || sign === '(' || sign === ')' ? sign : `\\${sign}`,
  )
}

/** A name or a value, as code: it may stand in a cell as well. */
export function code(text: string): string {
  const shown = inert(text).replaceAll('|', '\\|')
  if (shown === '') return '` `'
  const fence = '`'.repeat(longestRun(shown) + 1)
  const space = shown.startsWith('`') || shown.endsWith('`') ? ' ' : ''
  return `${fence}${space}${shown}${space}${fence}`
}

/** A block of code. */
export function block(text: string, language = ''): string[] {
  const lines = text.split('\n').map(inert)
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return [`${fence}${language}`, ...lines, fence]
}

/** A table; cells are text that is escaped already. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)]
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0)
}
