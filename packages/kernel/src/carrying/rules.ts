// What a value out of a file must be: small rules that are put together. A field that no rule names is refused, whatever it
// is called, so nothing of a file gets by unseen.

import { NAME_LENGTH_MAX } from '../limits.js'
import { splitPath } from '../path.js'

/** Whether a value is one of a kind. */
export type Rule = (value: unknown) => boolean

/** Characters of one text. */
const TEXT_MAX = 65_536

export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

export const isSmall = (value: unknown): boolean => isCount(value) && value < 2 ** 32

export const isTime = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0

export const isFlag = (value: unknown): boolean => typeof value === 'boolean'

export const isTrue = (value: unknown): boolean => value === true

export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= TEXT_MAX

export const isName = (value: unknown): boolean =>
  isText(value) && value.length >= 1 && value.length <= NAME_LENGTH_MAX && isPath(`/${value}`, 1)

/** Whether something is the path of an actor, of so many names at the most. */
export function isPath(value: unknown, names = Infinity): boolean {
  try {
    return splitPath(value).length <= names
  } catch {
    return false
  }
}

export const isAnything: Rule = () => true

export const isOneOf =
  (...values: readonly unknown[]): Rule =>
  (value) =>
    values.includes(value)

export const either =
  (...rules: readonly Rule[]): Rule =>
  (value) =>
    rules.some((rule) => rule(value))

/** It may also be said to be nothing. */
export const maybe = (rule: Rule): Rule => either(isOneOf(undefined), rule)

export const isUpTo =
  (most: number): Rule =>
  (value) =>
    typeof value === 'number' && value >= 0 && value <= most

export const isListOf =
  (rule: Rule, most: number): Rule =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(rule)

export const isPairOf =
  (first: Rule, second: Rule): Rule =>
  (value) =>
    Array.isArray(value) && value.length === 2 && first(value[0]) && second(value[1])

/** An object that has these fields, may have those, and has no others. */
export function isObjectOf(
  fields: Readonly<Record<string, Rule>>,
  more: Readonly<Record<string, Rule>> = {},
): Rule {
  const names = Object.keys(fields)
  return (value) => {
    if (!isPlain(value)) return false
    for (const name of names) if (!Object.hasOwn(value, name)) return false
    return Object.keys(value).every((name) => {
      const rule = Object.hasOwn(fields, name)
        ? fields[name]
        : Object.hasOwn(more, name)
          ? more[name]
          : undefined
      return rule?.(value[name]) === true
    })
  }
}

/** An object of any names, so many at the most. */
export const isTableOf =
  (rule: Rule, most: number): Rule =>
  (value) =>
    isPlain(value) &&
    Object.keys(value).length <= most &&
    Object.entries(value).every(([name, each]) => isText(name) && rule(each))

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value) as unknown
  return (
    (prototype === Object.prototype || prototype === null) && Object.getOwnPropertySymbols(value).length === 0
  )
}
