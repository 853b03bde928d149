// A process that has a log open for reading and does not close it. Argument: the data directory. It prints `reads <next>`
// or `refused <code>`, and waits for its end.

import { HoldfastError, machineAuthorities } from '@holdfast/kernel'
import { openJournal } from '@holdfast/journal'
import { print } from './print.js'

const [dir] = process.argv.slice(2)
if (dir !== undefined) {
  try {
    const journal = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
    print(`reads ${journal.next}`)
    process.stdin.resume()
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
    print(`refused ${error.code}`)
  }
}
