import ts from 'typescript'
import { eachNode, parse, where, type RepositoryFile } from './repository.js'

export const lineLimit = 450

const builtinErrors = new Set([
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'EvalError',
  'URIError',
  'AggregateError',
])

// Joined here so that this file does not hold the words it looks for.
const strangers = [
  ['..', 'shared'],
  ['', 'tmp', 'hf'],
  ['', 'work', 'shared'],
  ['', 'work', 'main'],
]
const foreignPath = new RegExp(
  `(${strangers.map((parts) => parts.join('/').replaceAll('.', '\\.')).join('|')})(?![\\w-])`,
)

export function tooLong(file: RepositoryFile): string[] {
  const lines = file.text.replace(/\n$/, '').split('\n').length
  return lines > lineLimit ? [`${file.path}: ${lines} lines`] : []
}

export function defaultExports(file: RepositoryFile): string[] {
  const found: string[] = []
  eachNode(parse(file), (node) => {
    const named = ts.isExportSpecifier(node) && node.name.text === 'default'
    if (ts.isExportAssignment(node) || named || hasDefaultModifier(node)) found.push(where(node))
  })
  return found
}

function hasDefaultModifier(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  )
}

/** Errors made from the builtin classes, which carry no code, no actor and no hint. */
export function bareErrors(file: RepositoryFile): string[] {
  const found: string[] = []
  eachNode(parse(file), (node) => {
    if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return
    if (!ts.isIdentifier(node.expression) || !builtinErrors.has(node.expression.text)) return
    if (!isInReviver(node)) found.push(where(node))
  })
  return found
}

/** What a handler threw comes back from the log as what it was, and that need not be one of our errors. */
function isInReviver(node: ts.Node): boolean {
  return (
    ts.findAncestor(
      node,
      (outer) => ts.isFunctionDeclaration(outer) && outer.name?.text === 'revivedError',
    ) !== undefined
  )
}

export function vagueName(path: string): boolean {
  return /(^|\/)[^/]*\b(utils?|helpers?)\b[^/]*$/.test(path) || /\/(utils?|helpers?)\//.test(path)
}

/** Mentions of folders that only exist on the machine where a file was written. */
export function foreignPaths(file: RepositoryFile): string[] {
  return file.text
    .split('\n')
    .flatMap((line, index) => (foreignPath.test(line) ? [`${file.path}:${index + 1}`] : []))
}
