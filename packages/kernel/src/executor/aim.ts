import type { Call } from './executor.js'

/** For whom a call is, and of which type: what tells it from others of its kind. */
export function aimOf(call: Call): [target: string, type: string] {
  switch (call.call) {
    case 'spawn':
      return [call.options?.name ?? '', call.definition]
    case 'effect':
      return [call.name, '']
    case 'unschedule':
      return [call.key, '']
    default:
      return ['to' in call ? call.to : '', 'type' in call ? call.type : '']
  }
}
