// The bank on a store with the one wrong setting that nobody may ever choose: LMDB flushes nothing. It takes the same
// arguments. Only the test that shows what a power cut then does runs it.

import { register } from 'node:module'

const FORGETFUL = `data:text/javascript,${encodeURIComponent(`
  import { createRequire } from 'node:module'
  const lmdb = createRequire(${JSON.stringify(import.meta.resolve('@holdfast/journal'))})('lmdb')
  export const open = (options) => lmdb.open({ ...options, noSync: true, noMetaSync: true })
`)}`

register(
  `data:text/javascript,${encodeURIComponent(`
  export async function resolve(specifier, context, next) {
    if (specifier !== 'lmdb') return next(specifier, context)
    return { url: ${JSON.stringify(FORGETFUL)}, shortCircuit: true }
  }
`)}`,
)

await import('./bank.js')
