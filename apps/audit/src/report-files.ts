// The two reports, on disk. Each is written beside its place and moved there, so that nobody reads half of one.

import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { renderJson, type Report } from './report.js'
import { renderMarkdown } from './report-markdown.js'

/** Writes `report.md` and `report.json` into a folder. @returns their paths */
export async function writeReports(report: Report, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const texts = { 'report.md': renderMarkdown(report), 'report.json': renderJson(report) }
  const files: string[] = []
  for (const [name, text] of Object.entries(texts)) {
    const file = path.join(folder, name)
    await writeFile(`${file}.new`, text)
    await rename(`${file}.new`, file)
    files.push(file)
  }
  return files
}
