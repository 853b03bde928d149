// A tree of packages to audit, in order and broken, nested and scoped, with licences that agree and that do not.

import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Plants `count` packages below a node_modules folder, and a few folders around nested ones that are none. */
export async function plantTree(root: string, count: number): Promise<void> {
  const licence = await readFile(new URL('../../LICENSE', import.meta.url), 'utf8')
  for (let i = 0; i < count; i++) {
    const place = placeOf(i)
    await plant(join(root, place, 'package.json'), manifestOf(i, place))
    if (i % 3 !== 0) await plant(join(root, place, 'LICENSE'), licence)
    if (i % 4 !== 0) await plant(join(root, place, 'README.md'), `# p${i}\n\n## License\n\nMIT\n`)
    await plant(join(root, place, 'lib', 'index.js'), `/*! @license MIT */\nexport const n = ${i}\n`)
  }
  await symlink('nothing', join(root, 'to-nowhere'))
  await symlink('p1', join(root, 'to-p1'))
}

function placeOf(i: number): string {
  if (i % 7 === 6) return `p${i - 1}/node_modules/p${i}`
  return i % 5 === 2 ? `@scope/p${i}` : `p${i}`
}

function manifestOf(i: number, place: string): string {
  if (i % 11 === 3) return '{ "name": '
  if (i % 11 === 7) return '[]'
  const name = place.slice(place.lastIndexOf('node_modules/') + 1).replace('ode_modules/', '')
  const scripts = i % 6 === 0 ? { install: 'node install.js' } : undefined
  return JSON.stringify({ name, version: `1.${i % 3}.0`, license: i % 9 === 4 ? 'ISC' : 'MIT', scripts })
}

async function plant(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
