import type { Cell } from '../cell.js'
import { STOPPED } from '../gate.js'
import type { ChildStatus } from './protocol.js'

/** One child, as an answer says it. */
export function statusOfChild(child: Cell): ChildStatus {
  return {
    id: child.name,
    path: child.path,
    definition: child.blueprint.name,
    kind: child.blueprint.isSupervisor ? 'supervisor' : 'actor',
    restart: child.terms.restart,
    // A child that failed and is on its way back is one that restarts, in the eyes of whoever looks after it.
    status: child.lifecycle === 'failed' ? 'restarting' : child.lifecycle,
    stopped: (child.gate & STOPPED) === 0 ? undefined : child.rare?.stopReason,
  }
}
