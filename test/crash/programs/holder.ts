// A process that reads the file of a store by LMDB alone, and stays in its transaction. Argument: the data directory. It
// prints `holds`, and waits for its end.

import { join } from 'node:path'
import { LOG_FILE } from '@holdfast/journal'
import { open } from 'lmdb'
import { print } from './print.js'

const [dir = ''] = process.argv.slice(2)
const root = open({ path: join(dir, LOG_FILE), readOnly: true, encoding: 'binary', maxDbs: 8 })
const held = root.useReadTransaction()
print('holds')
// A transaction that nobody refers to any more is ended by the collector.
process.stdin.on('data', () => {
  held.done()
})
