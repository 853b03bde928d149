import { BareLog, bytesOnDisk } from '../bare-log.js'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'

const MESSAGES = 500_000

await contend(async ({ dataDirectory }) => {
  const log = new BareLog(dataDirectory)
  await log.fill(MESSAGES)
  await log.close()
  return { value: bytesOnDisk(dataDirectory) / MESSAGES, version: packageVersion('lmdb') }
})
