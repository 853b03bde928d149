import { expect, it } from 'vitest'
import { StopSignals } from './stop-signals.js'
import type { StopSignal } from './terminal.js'

function setUp() {
  const heard: string[] = []
  let listener: ((signal: StopSignal) => void) | undefined
  let now = 0
  const terminal = {
    exit: (code: number) => void heard.push(`exit ${code}`),
    monotonic: () => now,
    onSignal: (each: (signal: StopSignal) => void) => {
      listener = each
      return () => (listener = undefined)
    },
  }
  const signals = new StopSignals(terminal, {
    warn: (text) => void heard.push(text.split(';')[0]!.split('.')[0]!),
  })
  const send = (signal: StopSignal, atMs: number): void => {
    now = atMs
    listener?.(signal)
  }
  return { signals, send, heard }
}

it('the first signal stops in order, the second one ends at once', () => {
  const { signals, send, heard } = setUp()
  signals.onFirst((signal, code) => heard.push(`stop ${signal} ${code}`))
  send('SIGINT', 0)
  send('SIGINT', 1_000)
  expect(heard).toEqual(['SIGINT: stopping in order', 'stop SIGINT 130', 'SIGINT: ended at once', 'exit 130'])
})

it('a signal that npm hands on a moment later is the same wish', () => {
  const { signals, send, heard } = setUp()
  signals.onFirst((signal, code) => heard.push(`stop ${signal} ${code}`))
  send('SIGTERM', 0)
  send('SIGTERM', 20)
  expect(heard).toEqual(['SIGTERM: stopping in order', 'stop SIGTERM 143'])
})

it('before there is anything to stop, the first signal ends at once', () => {
  const { send, heard } = setUp()
  send('SIGTERM', 0)
  expect(heard).toEqual(['SIGTERM: ended at once', 'exit 143'])
})

it('after the end no signal is heard', () => {
  const { signals, send, heard } = setUp()
  signals.end()
  send('SIGINT', 0)
  expect(heard).toEqual([])
})
