// A process that makes backups of a data directory, one after the other, and says so after each. Arguments: the data
// directory, and where the backups go.

import { rmSync } from 'node:fs'
import { backup } from 'holdfast/data'

const [data = '', to = ''] = process.argv.slice(2)
for (;;) {
  await backup({ data, to })
  rmSync(to, { recursive: true })
  process.send?.('made')
}
