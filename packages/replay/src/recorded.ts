// What a turn did, out of the log: the records right before its end, and the questions that it sent while it waited.

import { PACT, type LogRecord, type MessageRecord, type RecordData } from '@holdfast/kernel'
import { NOT_KEPT } from './comparison.js'
import type { Evidence } from './evidence.js'
import type { Deed } from './report.js'
import type { Paths } from './paths.js'
import type { Step } from './steps.js'

/** The deeds of a recorded step, in the order of the log. */
export function recordedDeeds(evidence: Evidence, paths: Paths, step: Step): Deed[] {
  const deeds: Deed[] = step.rerun === undefined ? [] : results(evidence, paths, step)
  let isHalf = false
  for (const record of step.told) {
    // Who unlinks itself has both halves of the link.
    if (isOfItself(record, step) && !(isHalf = !isHalf)) continue
    const deed = deedOf(paths, record, step)
    if (deed === undefined) continue
    const correlation = correlationOf(evidence, record, step)
    deeds.push({ ...deed, position: record.position, ...(correlation === undefined ? {} : { correlation }) })
  }
  return deeds
}

/** Whether a record of a turn is one of something that it told somebody. */
export function isTell(record: LogRecord): boolean {
  // The start message of a newborn belongs to its birth, and a notice of the turn to its watch.
  if (record.kind === 'message') return !record.type.startsWith('$') && !record.notice
  return record.kind === 'dead' && record.data().to !== undefined
}

function isOfItself(record: LogRecord, { actor }: Step): boolean {
  if (record.kind !== 'unwatched' || record.actor !== actor) return false
  const { target, type } = record.data()
  return target === actor && type === PACT
}

/**
 * What a message of a turn names as its correlation, as a replayed one is called: nothing for that of the turn, and an
 * empty text when nobody knows, because the name was cut away with the beginning of the log.
 */
export function namedCorrelation(evidence: Evidence, sent: MessageRecord, { end }: Step): string | undefined {
  const { correlation, correlationName, position } = sent
  if (evidence.hasLostName?.(correlation) === true) return ''
  if (correlation === end.correlation) return undefined
  if (correlationName !== undefined) return correlationName
  // What a turn of no correlation tells begins one.
  return correlation === position ? undefined : evidence.correlationName(correlation)
}

/** What a replayed turn names as a correlation: nothing when it is that of the turn. */
export function givenCorrelation(evidence: Evidence, name: string, { end }: Step): string | undefined {
  const id = evidence.correlationOf(name)
  if (id === 0) return name
  return id === end.correlation ? undefined : evidence.correlationName(id)
}

function correlationOf(evidence: Evidence, record: LogRecord, step: Step): string | undefined {
  if (record.kind === 'message') return namedCorrelation(evidence, record, step)
  if (record.kind !== 'spawned') return undefined
  // A child runs its start with the correlation that it was spawned with. Without a start that is recorded nobody knows.
  const start = step.told.find((each) => isStartOf(each, record.actor))
  return start?.kind === 'message' ? namedCorrelation(evidence, start, step) : ''
}

function isStartOf(record: LogRecord, actor: number): boolean {
  return record.kind === 'message' && record.actor === actor && record.type === '$start'
}

function results(evidence: Evidence, paths: Paths, step: Step): Deed[] {
  const { rerun } = step
  const found = new Map<number, Deed>()
  for (const result of rerun!.results) {
    if (result.kind === 'effect')
      found.set(result.index, { subject: 'effect', target: result.name ?? '', type: '', value: undefined })
  }
  for (const [index, position] of rerun!.asked) {
    const message = evidence.messageAt(position)
    if (message === undefined) continue
    const { actor, type } = message
    const correlation = namedCorrelation(evidence, message, step)
    found.set(index, {
      subject: 'ask',
      target: targetOf(paths, actor),
      type,
      value: message.payload(),
      position,
      ...(correlation === undefined ? {} : { correlation }),
    })
  }
  return [...found].sort(([a], [b]) => a - b).map(([, deed]) => deed)
}

function deedOf(paths: Paths, record: LogRecord, step: Step): Deed | undefined {
  switch (record.kind) {
    case 'message':
      if (!isTell(record)) return undefined
      return {
        subject: 'tell',
        target: targetOf(paths, record.actor),
        type: record.type,
        value: record.payload(),
      }
    case 'dead': {
      const { to, type = '' } = record.data()
      return to === undefined ? undefined : { subject: 'tell', target: to, type, value: NOT_KEPT }
    }
    case 'spawned': {
      const { parent, name, definition, args } = record.data()
      // A virtual actor that is woken by what it is told is no child of who tells it.
      if (parent !== step.actor) return undefined
      return { subject: 'spawn', target: name, type: definition, value: args }
    }
    case 'halting': {
      const { child, how = '', path = targetOf(paths, child) } = record.data()
      return { subject: 'stop', target: path, type: how, value: undefined }
    }
    // What a link means for the other one follows from the link.
    case 'watched':
      return record.actor === step.actor ? watchDeed(paths, record.data()) : undefined
    case 'unwatched': {
      const { target, path = targetOf(paths, target), type } = record.data()
      const subject = type === PACT ? 'unlink' : 'unwatch'
      return record.actor === step.actor ? { subject, target: path, type: '', value: undefined } : undefined
    }
    case 'timer': {
      const { key, type, dueMs, everyMs, payload } = record.data()
      return { subject: 'schedule', target: key, type, value: { dueMs, everyMs, payload } }
    }
    case 'untimed':
      return { subject: 'unschedule', target: record.data().key, type: '', value: undefined }
    case 'stashed':
      return record.data().refused === undefined
        ? { subject: 'stash', target: step.message.type, type: '', value: undefined }
        : undefined
    case 'unstashed':
      return { subject: 'unstash', target: 'all', type: '', value: undefined }
    default:
      return undefined
  }
}

// One that had ended before the log begins stands nowhere in it, and may still be told something.
function targetOf(paths: Paths, id: number): string {
  return paths.isKnown(id) ? paths.of(id) : ''
}

function watchDeed(
  paths: Paths,
  { target, path = targetOf(paths, target), type, mutual }: RecordData['watched'],
): Deed {
  if (type !== PACT) return { subject: 'watch', target: path, type, value: undefined }
  return { subject: mutual === true ? 'link' : 'dependOn', target: path, type: '', value: undefined }
}
