import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** The top of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** One file of the repository: its path from the top with forward slashes, and its text. */
export interface RepositoryFile {
  readonly path: string
  readonly text: string
}

const skippedFolders = new Set(['node_modules', 'dist', '.git', '.turbo', '.holdfast', 'coverage'])
const skippedFiles = new Set(['package-lock.json', 'report.md', 'report.json'])
const textFile =
  /(^|\/)\.?[^/]*\.?(ts|js|mjs|cjs|json|md|yml|yaml|html|css|txt|sh|hfi)$|(^|\/)(LICENSE|run|\.[a-z]+)$/

/** Every file that people write, in a stable order; what tools produce is left out. */
export function repositoryFiles(): RepositoryFile[] {
  return readdirSync(root, { withFileTypes: true })
    .flatMap((entry) => {
      if (entry.isDirectory()) return skippedFolders.has(entry.name) ? [] : filesIn(join(root, entry.name))
      return entry.isFile() && !skippedFiles.has(entry.name) ? [join(root, entry.name)] : []
    })
    .map((path) => ({ absolute: path, path: relative(root, path).split(sep).join('/') }))
    .filter(({ path }) => textFile.test(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ absolute, path }) => ({ path, text: readFileSync(absolute, 'utf8') }))
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return skippedFolders.has(entry.name) ? [] : filesIn(path)
    return entry.isFile() ? [path] : []
  })
}

/** TypeScript sources of packages, apps and tests. */
export function isSource(path: string): boolean {
  return /^(packages\/[^/]+\/src|apps\/[^/]+\/src|test)\/.*\.ts$/.test(path)
}

export function isTest(path: string): boolean {
  return path.startsWith('test/') || /\.(test|test-d|fixture)\.ts$/.test(path)
}

export function parse(file: RepositoryFile): ts.SourceFile {
  return ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS)
}

/** Visits every node below `node`, depth first. */
export function eachNode(node: ts.Node, visit: (node: ts.Node) => void): void {
  ts.forEachChild(node, (child) => {
    visit(child)
    eachNode(child, visit)
  })
}

/** `path:line`, as editors and terminals link it. */
export function where(node: ts.Node): string {
  const source = node.getSourceFile()
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
  return `${source.fileName}:${line + 1}`
}
