import { treeOfImage, type TreeNode } from '@holdfast/kernel'
import { dataToRead, shownPath } from '../data-directory.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { grouped } from '../figures.js'
import { inert } from '../inert.js'
import { imageOf, withData } from '../open-data.js'
import type { Paint } from '../paint.js'
import { statusText } from '../status-text.js'
import { table } from '../table.js'
import type { Command, DataOption } from './command.js'
import type { PsOrder } from './ps-order.js'
import { headline, nodesOf, standing } from './tree.js'

/** Options of `ps`. */
export interface PsOptions extends DataOption {
  readonly sort: PsOrder
  readonly limit: number
}

/** `holdfast ps`: the actors as a table. */
export async function ps(options: PsOptions, { terminal, output }: Command): Promise<ExitCode> {
  const dir = dataToRead(options.data, terminal)
  const image = await withData(dir, terminal, ({ journal }) => imageOf(journal))
  const root = treeOfImage(image)
  const all = root === undefined ? [] : sorted([...nodesOf(root)], options.sort)
  const shown = all.slice(0, options.limit)
  if (output.json) {
    await output.document('ps', {
      data: dir,
      ...standing(image),
      list: shown.map(({ children: _, ...node }) => node),
    })
    return EXIT.ok
  }
  await output.line(headline(image, shownPath(dir, terminal.cwd), output.paint))
  for (const line of psLines(shown, output.paint)) await output.line(line)
  if (all.length > shown.length)
    output.note(`${grouped(all.length - shown.length)} more; --limit all shows them.`)
  return EXIT.ok
}

function sorted(nodes: TreeNode[], order: PsOrder): TreeNode[] {
  return order === 'tree' ? nodes : nodes.sort((a, b) => b[order] - a[order])
}

/** Actors as a table. */
export function psLines(nodes: readonly TreeNode[], paint: Paint): string[] {
  const columns = [
    { title: 'STATUS' },
    { title: 'WAITING', isNumber: true },
    { title: 'TURNS', isNumber: true },
    { title: 'RESTARTS', isNumber: true },
    { title: 'DEFINITION' },
    { title: 'PATH' },
  ]
  const rows = nodes.map(({ status, mailbox, turns, restarts, definition, path }) => {
    return [status, grouped(mailbox), grouped(turns), grouped(restarts), inert(definition), inert(path)]
  })
  return table(columns, rows, (cell, column, row) => {
    if (row < 0) return paint.strong(cell)
    if (column === 0) return statusText(cell.trim(), paint) + cell.slice(cell.trim().length)
    return column === 5 ? paint.name(cell) : cell
  })
}
