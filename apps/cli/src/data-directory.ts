// Where the data are. To run: `--data`, then HOLDFAST_DATA, then what the swarm says, then `.holdfast/<name>`. To read:
// `--data`, then HOLDFAST_DATA, then the only store under `.holdfast/`; with several of them the user has to choose.

import { existsSync, readdirSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { LOG_FILE } from '@holdfast/journal'
import type { Swarm } from 'holdfast'
import type { Terminal } from './terminal.js'
import { UsageError } from './usage-error.js'

/** The folder that holds the data of whoever did not say where to put them. */
const HOME = '.holdfast'

type Place = Pick<Terminal, 'cwd' | 'env'>

/** The data directory of a run, as an absolute path. */
export function dataForRun(
  given: string | undefined,
  swarm: Pick<Swarm, 'name' | 'data'>,
  args: readonly string[],
  place: Place,
): string {
  const own = typeof swarm.data === 'function' ? swarm.data(args) : swarm.data
  return resolve(place.cwd, asked(given, place) ?? own ?? join(HOME, folderName(swarm.name)))
}

/** The data directory to read, as an absolute path. @throws {UsageError} when it has to be chosen */
export function dataToRead(given: string | undefined, place: Place): string {
  const wanted = asked(given, place)
  if (wanted !== undefined) return resolve(place.cwd, wanted)
  const stores = storesUnder(join(place.cwd, HOME))
  if (stores.length === 1) return join(place.cwd, HOME, stores[0]!)
  if (stores.length === 0) {
    throw new UsageError(`No --data was given, and ${HOME}/ holds no store.`, {
      field: 'data',
      hint: 'Give the directory that the system runs on: --data DIR.',
    })
  }
  throw new UsageError(
    `No --data was given, and ${HOME}/ holds ${stores.length} stores: ${stores.join(', ')}.`,
    {
      field: 'data',
      hint: `Choose one of them, e.g. --data ${HOME}/${stores[0]!}.`,
    },
  )
}

/** A path as it is shown: relative when it lies below the working directory. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path)
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short
}

function asked(given: string | undefined, place: Place): string | undefined {
  if (given === '') throw new UsageError('--data is empty; it must be a directory.', { field: 'data' })
  return given ?? (place.env['HOLDFAST_DATA'] === '' ? undefined : place.env['HOLDFAST_DATA'])
}

function storesUnder(home: string): string[] {
  if (!existsSync(home)) return []
  const names = readdirSync(home, { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => name)
  return names.filter((name) => existsSync(join(home, name, LOG_FILE))).sort()
}

// A name may hold what a file system refuses or takes for a path: it is written as in a URL.
function folderName(name: string): string {
  return name.replace(/[%<>:"/\\|?*]|^\.+$/g, (text) => {
    return Array.from(text, (each) => `%${each.charCodeAt(0).toString(16)}`).join('')
  })
}
