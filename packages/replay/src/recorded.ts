// What a turn did, out of the log: the records right before its end, and the questions that it sent while it waited.

import { PACT, type LogRecord, type RecordData } from '@holdfast/kernel'
import type { Evidence } from './evidence.js'
import type { Deed } from './report.js'
import type { Paths, Step } from './slice.js'

/** The deeds of a recorded step, in the order of the log. */
export function recordedDeeds(evidence: Evidence, paths: Paths, step: Step): Deed[] {
  const { end, rerun } = step
  const deeds: Deed[] = []
  if (rerun !== undefined) deeds.push(...results(evidence, paths, step))
  if (end.kind !== 'turn' || end.told === 0) return deeds
  for (const record of evidence.read(end.position - end.told, end.position)) {
    const deed = deedOf(paths, record, step)
    if (deed !== undefined) deeds.push(deed)
  }
  return deeds
}

function results(evidence: Evidence, paths: Paths, step: Step): Deed[] {
  const found: { index: number; deed: Deed }[] = []
  for (const result of step.rerun!.results) {
    if (result.kind === 'effect')
      found.push({
        index: result.index,
        deed: { subject: 'effect', target: result.name ?? '', type: '', value: undefined },
      })
  }
  for (const record of evidence.read(step.message.position, step.position)) {
    if (record.kind !== 'message' || record.ask === undefined || record.cause !== step.message.position)
      continue
    if (record.sender !== step.actor || record.ask.attempt !== step.attempt) continue
    // A supervisor of tasks has passed the question on: it was asked once.
    const { index } = record.ask
    if (found.some((each) => each.index === index && each.deed.subject === 'ask')) continue
    const deed: Deed = {
      subject: 'ask',
      target: paths.of(record.actor),
      type: record.type,
      value: record.payload(),
    }
    found.push({ index: record.ask.index, deed })
  }
  return found.sort((a, b) => a.index - b.index).map(({ deed }) => deed)
}

function deedOf(paths: Paths, record: LogRecord, step: Step): Deed | undefined {
  switch (record.kind) {
    case 'message':
      // The start message of a newborn belongs to its birth, and a notice of the turn to its watch.
      if (record.type.startsWith('$') || record.notice) return undefined
      return { subject: 'tell', target: paths.of(record.actor), type: record.type, value: record.payload() }
    case 'dead': {
      const { to, type = '' } = record.data()
      return to === undefined ? undefined : { subject: 'tell', target: to, type, value: NOT_KEPT }
    }
    case 'spawned': {
      const { name, definition, args } = record.data()
      return { subject: 'spawn', target: name, type: definition, value: args }
    }
    case 'halting': {
      const { child, how = '' } = record.data()
      return { subject: 'stop', target: paths.of(child), type: how, value: undefined }
    }
    // What a link means for the other one follows from the link.
    case 'watched':
      return record.actor === step.actor ? watchDeed(paths, record.data()) : undefined
    case 'unwatched': {
      const { target, path = paths.of(target), type } = record.data()
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

function watchDeed(
  paths: Paths,
  { target, path = paths.of(target), type, mutual }: RecordData['watched'],
): Deed {
  if (type !== PACT) return { subject: 'watch', target: path, type, value: undefined }
  return { subject: mutual === true ? 'link' : 'dependOn', target: path, type: '', value: undefined }
}

/** Stands for the payload of a message to nobody, which the log does not keep. */
export const NOT_KEPT: unique symbol = Symbol('not kept')
