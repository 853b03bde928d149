// A process that makes a backup. Arguments: the data directory, and where the backup goes. It prints `copied <position>`
// for each batch, and `made <position>` or `refused <code>` at the end.

import { HoldfastError } from '@holdfast/kernel'
import { backup } from '@holdfast/journal'
import { print } from './print.js'

const [data = '', to = ''] = process.argv.slice(2)
try {
  const onProgress = (position: number): void => {
    print(`copied ${position}`)
  }
  const { position } = await backup({ data, to, onProgress })
  print(`made ${position}`)
} catch (error) {
  if (!(error instanceof HoldfastError)) throw error
  print(`refused ${error.code}`)
}
