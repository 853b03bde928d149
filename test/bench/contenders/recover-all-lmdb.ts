import { foldBareLog } from '../bare-recovery.js'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'

await contend(async ({ dataDirectory }) => {
  const { elapsedMs } = await foldBareLog(dataDirectory, 1_000_000)
  return { value: elapsedMs / 1_000, version: packageVersion('lmdb'), details: { elapsedMs } }
})
