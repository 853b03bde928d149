// What flows from a machine: its events are messages, its input the arguments, its context and value the answer.

import { expectTypeOf } from 'vitest'
import { createMachine, setup } from 'xstate'
import type { AnswerOf, ArgsOf, HandlersOf, PayloadOf } from '../definition.js'
import type { ActorRef } from '../ref.js'
import { child } from '../supervision/supervisor-definition.js'
import { machine } from './machine.js'
import { ctxOf } from './scope.js'

const doorMachine = setup({
  types: {
    context: {} as { opened: number },
    input: {} as { colour: string },
    events: {} as { type: 'OPEN' } | { type: 'PAINT'; colour: string } | { type: 'KNOCK'; times?: number },
    output: {} as 'gone',
    emitted: {} as { type: 'creaked'; loud: boolean },
  },
}).createMachine({
  context: { opened: 0 },
  initial: 'closed',
  states: { closed: { on: { OPEN: 'open' } }, open: {} },
})

const door = machine({
  name: 'door',
  machine: doorMachine,
  actions: {
    ring(ctx, { loud }: { loud: boolean }, { context, event }) {
      expectTypeOf(context).toEqualTypeOf<{ opened: number }>()
      expectTypeOf(event.type).toEqualTypeOf<'OPEN' | 'PAINT' | 'KNOCK'>()
      expectTypeOf(loud).toEqualTypeOf<boolean>()
      ctx.tell(ctx.self, 'OPEN')
      // @ts-expect-error the state belongs to the machine
      ctx.state = undefined as never
    },
  },
  onEmit(_ctx, event) {
    expectTypeOf(event).toEqualTypeOf<{ type: 'creaked'; loud: boolean }>()
  },
  children: { src: { timeoutMs: 1_000, retry: 'default' } },
})

type Protocol = HandlersOf<typeof door>
expectTypeOf<keyof Protocol>().toEqualTypeOf<'OPEN' | 'PAINT' | 'KNOCK' | 'snapshot'>()
expectTypeOf<PayloadOf<Protocol['OPEN']>>().toEqualTypeOf<undefined>()
expectTypeOf<PayloadOf<Protocol['PAINT']>>().toEqualTypeOf<{ colour: string }>()
expectTypeOf<PayloadOf<Protocol['KNOCK']>>().toEqualTypeOf<{ times?: number } | undefined>()
expectTypeOf<ArgsOf<typeof door>>().toEqualTypeOf<{ colour: string }>()
expectTypeOf<AnswerOf<Protocol['snapshot']>['context']>().toEqualTypeOf<{ opened: number }>()
expectTypeOf<AnswerOf<Protocol['OPEN']>['value']>().toEqualTypeOf<'closed' | 'open'>()
expectTypeOf<AnswerOf<Protocol['OPEN']>['output']>().toEqualTypeOf<'gone' | undefined>()

declare const ref: ActorRef<Protocol>
ref.tell('OPEN')
ref.tell('PAINT', { colour: 'red' })
ref.tell('KNOCK')
ref.tell('KNOCK', { times: 2 })
// @ts-expect-error the other field of the event is missing
ref.tell('PAINT')
// @ts-expect-error it has another type
ref.tell('PAINT', { colour: 1 })
// @ts-expect-error there is no such event
ref.tell('BREAK')
// @ts-expect-error this event carries nothing
ref.tell('OPEN', { colour: 'red' })

child(door, { args: { colour: 'red' } })
// @ts-expect-error the input of the machine is missing
child(door)
// @ts-expect-error this is no machine
machine({ name: 'odd', machine: 'none' })

// A machine that says nothing of its events takes any, and needs no input.
const loose = machine({ name: 'loose', machine: createMachine({ on: { GO: {} } }) })
child(loose)
declare const any: ActorRef<HandlersOf<typeof loose>>
any.tell('GO')
any.tell('GO', { fast: true })

expectTypeOf(ctxOf(undefined).now()).toEqualTypeOf<number>()
