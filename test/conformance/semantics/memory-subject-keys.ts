import { createHash, randomBytes } from 'node:crypto'
import type { SubjectKeys, SubjectState } from '@holdfast/journal'

/** Keys of subjects in memory, which outlive the systems of a test as a folder outlives processes. */
export class MemorySubjectKeys implements SubjectKeys {
  readonly id = 'in-memory'
  readonly keys = new Map<string, Buffer | 'destroyed'>()
  /** Called right before a key is destroyed, and right after. */
  onDestroy: (when: 'before' | 'after') => void = () => undefined

  begin(): void {
    // They are as lasting as they get.
  }

  idOf(name: string): string {
    return createHash('sha256').update(name).digest('hex').slice(0, 24)
  }

  get(subject: string): Uint8Array | 'destroyed' | undefined {
    const key = this.keys.get(subject)
    return typeof key === 'object' ? Uint8Array.from(key) : key
  }

  create(subject: string): Uint8Array {
    const key = randomBytes(32)
    this.keys.set(subject, key)
    return Uint8Array.from(key)
  }

  destroy(subject: string): void {
    this.onDestroy('before')
    this.keys.set(subject, 'destroyed')
    this.onDestroy('after')
  }

  *list(): Generator<SubjectState> {
    for (const [subject, key] of this.keys) yield { subject, isShredded: key === 'destroyed' }
  }

  close(): void {
    // Others may still want them.
  }
}
