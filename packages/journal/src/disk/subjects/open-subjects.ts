import { resolve, sep } from 'node:path'
import { refuse, type Authorities } from '@holdfast/kernel'
import type { SubjectKeys } from '../../subjects/subject-keys.js'
import type { KeySource } from '../sealing/key-ring.js'
import { KeyFolder } from './key-folder.js'
import { SubjectVault } from './subject-vault.js'

/** Where the keys of subjects are: a folder, or whatever keeps them. */
export type SubjectKeysSource = string | SubjectKeys

/** What the keys of subjects are for. */
interface Beside {
  /** The data directory. */
  readonly data?: string
  readonly keys?: KeySource | undefined
  readonly readOnly?: boolean | undefined
  /** @default the machine's own */
  readonly authorities?: Authorities
}

/** Opens the keys of subjects for a journal. @throws {HoldfastError} `HF_SUBJECT_KEYS`, `HF_KEY`, `HF_INVALID` */
export function openSubjects(
  source: SubjectKeysSource | undefined,
  { data, keys, readOnly, authorities }: Beside,
): SubjectVault | undefined {
  if (source === undefined) return undefined
  if (typeof source !== 'string') return new SubjectVault(source)
  if (source === '' || (data !== undefined && isWithin(source, data)))
    refuse('subjectKeys', source, 'a folder of its own outside of the data directory')
  const folder = new KeyFolder({ dir: source, keys, readOnly, authorities })
  return new SubjectVault(folder, () => {
    folder.close()
  })
}

function isWithin(dir: string, above: string): boolean {
  const [inner, outer] = [resolve(dir), resolve(above)]
  return inner === outer || inner.startsWith(outer + sep)
}
