import type { Cell } from '../cell.js'
import { QUARANTINED, STOPPED } from '../gate.js'
import type { ChildStatus } from './protocol.js'

/** One child, as an answer says it. */
export function statusOfChild(child: Cell): ChildStatus {
  return {
    id: child.name,
    path: child.path,
    definition: child.blueprint.name,
    kind: child.blueprint.isSupervisor ? 'supervisor' : 'actor',
    restart: child.terms.restart,
    // One that failed, or is held, and is on its way back is one that restarts, in the eyes of whoever looks after it.
    status: isOnItsWay(child) ? 'restarting' : child.lifecycle,
    stopped: (child.gate & STOPPED) === 0 ? undefined : child.rare?.stopReason,
  }
}

function isOnItsWay({ lifecycle, gate }: Cell): boolean {
  return lifecycle === 'failed' || (lifecycle === 'running' && (gate & QUARANTINED) !== 0)
}
