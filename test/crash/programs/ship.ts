// A process that ships a log until it is killed. Arguments: the data directory, where it is shipped to, and `once` when it
// is to end with what is stored. It prints `shipped <position>` for each file.

import { ship } from '@holdfast/journal'
import { print } from './print.js'

const [data = '', to = '', once] = process.argv.slice(2)
const shipping = await ship({
  data,
  to,
  everyMs: once === undefined ? 5 : 3_600_000,
  fileBytes: 4_000,
  onShipped: ({ position }) => {
    print(`shipped ${position}`)
  },
})
if (once !== undefined) {
  await shipping.catchUp()
  await shipping.stop()
}
await shipping.ended()
