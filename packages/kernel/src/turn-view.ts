// Where a handler stands: its message, who sent it, who is around, and the refs by which it reaches others.

import { Address } from './address.js'
import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import type { TurnLog } from './context.js'
import { refuse } from './errors.js'
import type { Kernel } from './kernel.js'
import type { AnyRef } from './ref.js'
import { turnLog } from './turn-log.js'

/** The part of a turn that shows. */
export abstract class TurnView {
  abstract readonly kernel: Kernel
  abstract readonly cell: Cell
  abstract entry: HandlerEntry
  abstract position: number
  abstract correlation: number
  abstract readonly attempt: number
  /** Who sent the message. */
  from: Cell | null = null

  get self(): AnyRef {
    return this.kernel.addressOf(this.cell)
  }

  get sender(): AnyRef | undefined {
    return this.from === null ? undefined : this.kernel.addressOf(this.from)
  }

  get parent(): AnyRef {
    return this.kernel.addressOf(this.cell.parent ?? this.cell)
  }

  get message(): { readonly type: string; readonly position: number } {
    return { type: this.entry.type, position: this.position }
  }

  get correlationId(): string {
    return this.kernel.log.correlationName(this.correlation)
  }

  get log(): TurnLog {
    return turnLog(this.kernel, this)
  }

  ref(first: unknown, second?: string): AnyRef {
    return this.kernel.ref(second ?? (first as string))
  }

  protected address(ref: AnyRef): Address {
    if (ref instanceof Address) return ref
    if (typeof (ref as AnyRef | undefined)?.path !== 'string') refuse('ref', ref, 'a ref', this.cell.path)
    return this.kernel.ref(ref.path)
  }
}
