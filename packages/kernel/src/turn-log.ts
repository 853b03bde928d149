import type { TurnLog } from './context.js'
import type { Kernel } from './kernel.js'
import type { TurnView } from './turn-view.js'

type Level = keyof TurnLog

/** The log lines of a turn: events for whoever listens, nothing for nobody. */
export function turnLog(kernel: Kernel, turn: Pick<TurnView, 'cell' | 'correlationId'>): TurnLog {
  const line = (level: Level) => (message: string, data?: Record<string, unknown>) => {
    if (!kernel.events.has('log')) return
    kernel.events.emit('log', {
      actor: turn.cell.path,
      correlationId: turn.correlationId,
      level,
      message,
      data,
    })
  }
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}

/** Swallows every line: for turns that are run again. */
export const SILENT: TurnLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
