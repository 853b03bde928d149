// A process that makes keys of subjects and destroys every other one. Arguments: their folder, and how many. It prints
// `kept <subject> <key>` for each key that it was given, and `shredding <subject>` and `shredded <subject>` around its end.

import { KeyFolder } from '@holdfast/journal'
import { print } from './print.js'

const [dir = '', count = ''] = process.argv.slice(2)
const keys = new KeyFolder({ dir })
for (let n = 0; n < Number(count); n++) {
  keys.begin()
  const subject = keys.idOf(`subject ${n}`)
  print(`kept ${subject} ${Buffer.from(keys.create(subject)).toString('hex')}`)
  if (n % 2 === 0) continue
  print(`shredding ${subject}`)
  keys.destroy(subject)
  print(`shredded ${subject}`)
}
keys.close()
