// Floors
// ======
// The packages stand on floors, and imports go down only. This file knows the floors and finds what breaks them:
// an import that goes up or sideways, a relative import that leaves its package, and, above the authorities
// line, anything that reaches for time, randomness, storage, threads or the network by itself.

import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import ts from 'typescript'
import { eachNode, isTest, parse, where, type RepositoryFile } from './repository.js'

interface Floor {
  readonly name: string
  readonly folder: string
  readonly floor: number
  /** The folders below the authorities line, if the package has any. */
  readonly outside?: readonly string[]
}

/** A new package gets a row here, or the test fails. */
export const floors: readonly Floor[] = [
  { name: '@holdfast/kernel', folder: 'packages/kernel', floor: 1, outside: ['src/authorities/'] },
  { name: '@holdfast/resilience', folder: 'packages/resilience', floor: 1 },
  { name: '@holdfast/journal', folder: 'packages/journal', floor: 2, outside: ['src/disk/'] },
  {
    name: '@holdfast/threads',
    folder: 'packages/threads',
    floor: 2,
    outside: ['src/isolate/', 'src/pool/', 'src/thread/', 'src/watchdog/'],
  },
  { name: '@holdfast/replay', folder: 'packages/replay', floor: 3, outside: ['src/disk/', 'src/traps/'] },
  { name: 'holdfast', folder: 'packages/holdfast', floor: 4 },
  { name: '@holdfast/cli', folder: 'apps/cli', floor: 5 },
  { name: '@holdfast/audit', folder: 'apps/audit', floor: 5 },
  { name: '@holdfast/test', folder: 'test', floor: 6 },
]

const highestPureFloor = 4
const builtins = new Set(builtinModules)
const outsideModules = new Set(['lmdb', 'piscina'])
const outsideNames = new Set([
  'Date',
  'performance',
  'crypto',
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'require',
])
const globalObjects = new Set(['globalThis', 'global', 'self', 'window'])

/** What a file does against the floors; one line for each violation, empty when there is none. */
export function violations(file: RepositoryFile): string[] {
  const owner = floors.find(({ folder }) => file.path.startsWith(`${folder}/`))
  if (owner === undefined) return [`${file.path}: no floor is known for this file`]
  const source = parse(file)
  const pure = isAboveTheLine(owner, file.path)
  const found: string[] = []
  eachNode(source, (node) => {
    const specifier = importedBy(node)
    if (specifier !== undefined) {
      const problem = importProblem(owner, file.path, specifier, pure)
      if (problem !== undefined) found.push(`${where(node)}: ${problem}`)
    }
    const reached = pure ? reachesOutside(node) : undefined
    if (reached !== undefined) found.push(`${where(node)}: uses ${reached} above the authorities line`)
  })
  return found
}

function isAboveTheLine(owner: Floor, path: string): boolean {
  if (owner.floor > highestPureFloor || isTest(path)) return false
  return owner.outside?.some((folder) => path.startsWith(`${owner.folder}/${folder}`)) !== true
}

/** The specifier of any form of import: static, re-export, dynamic, `require` and the type-only forms. */
function importedBy(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literalText(node.moduleSpecifier)
  if (ts.isExternalModuleReference(node)) return literalText(node.expression)
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? literalText(node.argument.literal) : undefined
  }
  if (!ts.isCallExpression(node)) return undefined
  const { expression } = node
  const loads =
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === 'require')
  return loads ? literalText(node.arguments[0]) : undefined
}

function literalText(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined
}

function importProblem(owner: Floor, path: string, specifier: string, pure: boolean): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('/')) {
    const target = posix.normalize(posix.join(posix.dirname(path), specifier))
    const inside = specifier.startsWith('.') && target.startsWith(`${owner.folder}/`)
    return inside ? undefined : `imports '${specifier}', which lies outside ${owner.folder}`
  }
  if (pure && isOutsideModule(specifier)) return `imports '${specifier}' above the authorities line`
  const imported = packageName(specifier)
  const target = floors.find(({ name }) => name === imported)
  if (target === undefined) {
    return imported.startsWith('@holdfast/') ? `imports '${specifier}', which has no floor` : undefined
  }
  if (target.floor < owner.floor) return undefined
  const direction = target.floor === owner.floor ? 'sideways' : 'up'
  return `imports '${specifier}', which goes ${direction}: floor ${owner.floor} to floor ${target.floor}`
}

function isOutsideModule(specifier: string): boolean {
  return (
    specifier.startsWith('node:') || builtins.has(specifier) || outsideModules.has(packageName(specifier))
  )
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** The forbidden name that a node uses. A member that merely has the same name, `clock.setTimeout`, is none. */
function reachesOutside(node: ts.Node): string | undefined {
  if (ts.isElementAccessExpression(node)) {
    return memberOf(node.expression, literalText(node.argumentExpression))
  }
  if (ts.isPropertyAccessExpression(node)) return memberOf(node.expression, node.name.text)
  if (!ts.isIdentifier(node) || isMemberName(node)) return undefined
  if (node.text === 'Math' && !isObjectOfAccess(node)) return 'Math as a value'
  return outsideNames.has(node.text) ? node.text : undefined
}

function memberOf(object: ts.Expression, member: string | undefined): string | undefined {
  if (!ts.isIdentifier(object) || member === undefined) return undefined
  if (object.text === 'Math' && member === 'random') return 'Math.random'
  return globalObjects.has(object.text) && outsideNames.has(member) ? `${object.text}.${member}` : undefined
}

function isObjectOfAccess(node: ts.Identifier): boolean {
  const { parent } = node
  return (
    (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent)) &&
    parent.expression === node
  )
}

function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node
  if (ts.isQualifiedName(parent)) return parent.right === node
  if (ts.isBindingElement(parent)) return parent.propertyName === node
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return true
  return (
    (ts.isTypeElement(parent) ||
      ts.isClassElement(parent) ||
      ts.isPropertyAssignment(parent) ||
      ts.isMethodDeclaration(parent)) &&
    parent.name === node
  )
}
