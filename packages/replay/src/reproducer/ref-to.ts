import type { AnyRef } from '@holdfast/kernel'
import { PathRef } from '../path-ref.js'

/** A ref in a reproduction: it has a path, and it reaches nobody. */
export function refTo(path: string): AnyRef {
  return new PathRef(path)
}
