import type { Address } from '../address.js'
import type { Kernel } from '../kernel.js'
import { FAR_REFS_KEPT } from '../limits.js'

/** The refs of paths that threads have named: a thread knows paths, and to find out where one leads takes time. */
export class FarRefs {
  readonly #kernel: Kernel
  readonly #known = new Map<string, Address>()

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** The ref of a path. */
  of(path: string): Address {
    const known = this.#known.get(path)
    if (known !== undefined) return known
    if (this.#known.size === FAR_REFS_KEPT) this.#known.clear()
    const ref = this.#kernel.ref(path)
    this.#known.set(path, ref)
    return ref
  }
}
