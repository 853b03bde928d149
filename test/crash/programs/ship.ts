// A process that ships a log until it is killed. Arguments: the data directory, and where it is shipped to. It prints
// `shipped <position>` for each file.

import { ship } from '@holdfast/journal'
import { print } from './print.js'

const [data = '', to = ''] = process.argv.slice(2)
const shipping = await ship({
  data,
  to,
  everyMs: 5,
  fileBytes: 4_000,
  onShipped: ({ position }) => {
    print(`shipped ${position}`)
  },
})
await shipping.ended()
