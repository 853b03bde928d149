// What a definition may say, field by field. A wrong one is refused where it is written, not where it first hurts.

import type { Definition } from './definition.js'
import { refuse } from './errors.js'
import { MAILBOX_CAPACITY_MAX, TIMER_MS_MAX } from './limits.js'
import { checkName } from './path.js'
import type { Strategy } from './strategy/strategy.js'
import { DIRECTIVES } from './supervision/directive.js'

type Fields = Readonly<Record<string, unknown>>

const OVERFLOWS: readonly unknown[] = ['reject', 'drop-oldest', 'drop-newest', 'backpressure']

/**
 * Checks what `actor` was given, which may come from plain JavaScript.
 *
 * @throws {HoldfastError} `HF_INVALID` with the name of the first field that is wrong
 */
export function checkSpec(given: unknown): void {
  if (!isObject(given)) refuse('spec', given, 'an object')
  const name = checkName(given['name'], 'name')
  const wants = (field: string, value: unknown, isRight: boolean, what: string): void => {
    if (value !== undefined && !isRight) refuse(field, value, what, name)
  }
  checkHandlers(name, given['on'])
  for (const field of ['state', 'subject', 'onStart', 'onRestart', 'onStop', 'output']) {
    wants(field, given[field], typeof given[field] === 'function', 'a function')
  }
  const { version, durable, attempts, turnTimeoutMs, digestEvery, keepChildren, spawns, strategy } = given
  wants('version', version, isWhole(version, 1), 'a whole number from 1')
  wants('durable', durable, typeof durable === 'boolean', 'true or false')
  wants('keepChildren', keepChildren, typeof keepChildren === 'boolean', 'true or false')
  wants('attempts', attempts, isWhole(attempts, 1, 100), 'a whole number from 1 to 100')
  const isTime = isWhole(turnTimeoutMs, 1, 2_147_483_647)
  wants('turnTimeoutMs', turnTimeoutMs, isTime, '1 to 2147483647 milliseconds')
  wants('digestEvery', digestEvery, isWhole(digestEvery, 0), 'a whole number from 0')
  wants('spawns', spawns, Array.isArray(spawns) && spawns.every(isDefinition), 'an array of definitions')
  wants('strategy', strategy, isStrategy(strategy), 'a strategy such as oneForOne()')
  const { onFailure } = given
  const isPolicy = typeof onFailure === 'function' || isObject(onFailure)
  wants('onFailure', onFailure, isPolicy, 'an object of directives or a function')
  for (const field of ['mailbox', 'idle', 'snapshot', 'retention', 'messages', 'migrate', 'upcast']) {
    wants(field, given[field], isObject(given[field]), 'an object')
  }
  checkThread(wants, given)
  checkMailbox(wants, given)
  checkIdle(wants, given)
  checkMaps(wants, given)
}

/** Whether something is a definition, as `actor` and `supervisor` give it back. */
export function isDefinition(value: unknown): value is Definition {
  if (!isObject(value) || typeof value['name'] !== 'string') return false
  return value['kind'] === 'supervisor'
    ? Array.isArray(value['children'])
    : value['kind'] === 'actor' && isObject(value['spec'])
}

/** Whether something is a strategy. */
export function isStrategy(value: unknown): value is Strategy {
  return isObject(value) && typeof value['affected'] === 'function' && isWhole(value['maxRestarts'], 0)
}

type Wants = (field: string, value: unknown, isRight: boolean, what: string) => void

function checkHandlers(name: string, on: unknown): void {
  if (!isObject(on)) refuse('on', on, 'an object of handlers', name)
  for (const [type, handler] of Object.entries(on)) {
    if (typeof handler !== 'function') refuse(`on.${type}`, handler, 'a function', name)
    if (type.startsWith('$')) refuse(`on.${type}`, type, 'a type that does not start with "$"', name)
  }
}

function checkThread(wants: Wants, given: Fields): void {
  const { runsIn, module, pool, durable } = given
  wants('runsIn', runsIn, runsIn === 'thread', '"thread", or nothing at all')
  wants(
    'module',
    module,
    typeof module === 'string' && URL.canParse(module),
    'the URL of a module, such as import.meta.url',
  )
  wants('pool', pool, typeof pool === 'string' && pool !== '', 'the name of a pool')
  // A thread may end with the states of others, and what is not in the log is gone then.
  if (runsIn === 'thread')
    wants('durable', durable, durable !== false, 'true for an actor that runs in a thread')
}

function checkMailbox(wants: Wants, given: Fields): void {
  const { capacity, overflow, urgent, stash } = fieldsOf(given['mailbox'])
  const most = `a whole number from 1 to ${MAILBOX_CAPACITY_MAX}`
  wants('mailbox.capacity', capacity, isWhole(capacity, 1, MAILBOX_CAPACITY_MAX), most)
  wants('mailbox.stash', stash, isWhole(stash, 1, MAILBOX_CAPACITY_MAX), most)
  wants('mailbox.overflow', overflow, OVERFLOWS.includes(overflow), OVERFLOWS.join(', '))
  const areTypes = Array.isArray(urgent) && urgent.every((type) => isHandled(given, type))
  wants('mailbox.urgent', urgent, areTypes, 'an array of message types that it has handlers for')
  const { everyBytes } = fieldsOf(given['snapshot'])
  wants('snapshot.everyBytes', everyBytes, isWhole(everyBytes, 0), 'a whole number of bytes from 0')
  const { keepMs } = fieldsOf(given['retention'])
  wants('retention.keepMs', keepMs, typeof keepMs === 'number' && keepMs >= 0, 'milliseconds from 0')
}

function checkIdle(wants: Wants, given: Fields): void {
  if (given['idle'] === undefined) return
  const { afterMs, type } = fieldsOf(given['idle'])
  const isTime = typeof afterMs === 'number' && afterMs >= 1 && afterMs <= TIMER_MS_MAX
  wants('idle.afterMs', afterMs ?? null, isTime, `1 to ${TIMER_MS_MAX} milliseconds`)
  wants('idle.type', type ?? null, isHandled(given, type), 'a message type that it has a handler for')
}

function isHandled(given: Fields, type: unknown): boolean {
  return typeof type === 'string' && Object.hasOwn(fieldsOf(given['on']), type)
}

function checkMaps(wants: Wants, given: Fields): void {
  for (const [type, schema] of Object.entries(fieldsOf(given['messages']))) {
    const isSchema = isAny(schema) && isObject(schema['~standard'])
    wants(`messages.${type}`, schema, isSchema, 'a Standard Schema')
  }
  if (typeof given['onFailure'] !== 'function') checkPolicy(fieldsOf(given['onFailure']), wants)
}

function checkPolicy(policy: Fields, wants: Wants): void {
  for (const [error, directive] of Object.entries(policy)) {
    wants(`onFailure.${error}`, directive, DIRECTIVES.includes(directive as never), DIRECTIVES.join(', '))
  }
}

function isWhole(value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

// Some schemas are functions with properties.
function isAny(value: unknown): value is Fields {
  return isObject(value) || typeof value === 'function'
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {}
}
