import type { Context } from '@holdfast/kernel'
import { outside } from './scope.js'

type Method = (this: unknown, ...args: unknown[]) => unknown

/** A view of `ctx` whose methods run outside of any scope, and with them the bodies of effects. */
export function outsideContext<C extends Context<unknown>>(ctx: C): C {
  const methods = new Map<PropertyKey, Method>()
  const view: C = new Proxy(ctx, {
    get(target, key) {
      const value: unknown = outside(() => Reflect.get(target, key, target))
      if (key === 'log') return outsideLog(value as C['log'])
      if (typeof value !== 'function') return value
      let method = methods.get(key)
      if (method === undefined) {
        method = methodOf(value as Method, key, target, () => view)
        methods.set(key, method)
      }
      return method
    },
    set: (target, key, value) => outside(() => Reflect.set(target, key, value, target)),
  })
  return view
}

// A method that was taken off `ctx` fails as it does without us.
function methodOf(value: Method, key: PropertyKey, target: object, view: () => object): Method {
  return function (this: unknown, ...args) {
    const self = this === view() ? target : this
    const given = key === 'effect' ? withBodyOutside(args) : args
    return outside(() => Reflect.apply(value, self, given))
  }
}

function withBodyOutside([name, body, ...rest]: unknown[]): unknown[] {
  if (typeof body !== 'function') return [name, body, ...rest]
  return [
    name,
    (...args: unknown[]) => outside(() => Reflect.apply(body as Method, undefined, args)),
    ...rest,
  ]
}

function outsideLog(log: Context<unknown>['log']): Context<unknown>['log'] {
  const line =
    (level: keyof typeof log) =>
    (message: string, data?: Record<string, unknown>): void => {
      outside(() => {
        log[level](message, data)
      })
    }
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}
