import { statSync } from 'node:fs'
import { HoldfastError } from '@holdfast/kernel'

/** Rights of a group or of everybody. */
const OTHERS = 0o077

/** Refuses a file with a secret that others may read or write. Windows knows no such rights. @throws `HF_KEY` */
export function checkSecretFile(file: string): void {
  if (process.platform === 'win32') return
  const { mode } = statSync(file)
  if ((mode & OTHERS) === 0) return
  throw new HoldfastError(
    'HF_KEY',
    `${file} can be read by others: its mode is ${(mode & 0o777).toString(8)}.`,
    {
      field: 'key',
      hint: `Take the right from them: chmod 600 ${file}`,
    },
  )
}
