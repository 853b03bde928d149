import type { HandlerEntry } from './blueprint.js'

/** Stands behind the last message that a draining actor handles. No log holds it: the order to drain is a record. */
export const LAST: HandlerEntry = {
  type: '$last',
  run: () => undefined,
  written: () => undefined,
  isAsync: false,
  isHook: false,
  isPlain: false,
  isUrgent: false,
  schema: undefined,
  name: { type: '$last', version: 1, batch: -1, slot: 0 },
}
