import { foldBareLog } from '../bare-recovery.js'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'

const MESSAGES = 1_000_000

await contend(async ({ dataDirectory }) => {
  const { elapsedMs } = await foldBareLog(dataDirectory, MESSAGES)
  const value = MESSAGES / (elapsedMs / 1_000)
  return { value, version: packageVersion('lmdb'), details: { elapsedMs } }
})
