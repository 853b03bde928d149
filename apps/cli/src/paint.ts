import { styleText } from 'node:util'
import type { Sink, Terminal } from './terminal.js'

/** The colours in use, by what they say. A word or a sign always says the same, so nothing is lost without them. */
export interface Paint {
  readonly isOn: boolean
  /** What went well. */
  readonly good: (text: string) => string
  /** What failed. */
  readonly bad: (text: string) => string
  /** What deserves a look. */
  readonly warn: (text: string) => string
  /** What is said once, above the rest. */
  readonly strong: (text: string) => string
  /** What stands beside. */
  readonly faint: (text: string) => string
  /** Names of actors. */
  readonly name: (text: string) => string
}

type Format = Parameters<typeof styleText>[0]

/** Makes the colours of one stream; without colours every one of them gives the text back. */
export function paintFor(isOn: boolean): Paint {
  const style = (format: Format) => (text: string) => {
    return isOn && text !== '' ? styleText(format, text, { validateStream: false }) : text
  }
  return {
    isOn,
    good: style('green'),
    bad: style('red'),
    warn: style('yellow'),
    strong: style('bold'),
    faint: style('gray'),
    name: style('cyan'),
  }
}

/** Whether a stream takes colours: `--no-color` first, then the environment, then what the stream is. */
export function takesColour(sink: Sink, env: Terminal['env'], isWanted: boolean): boolean {
  if (!isWanted || isSet(env['NO_COLOR'])) return false
  if (isSet(env['FORCE_COLOR'])) return env['FORCE_COLOR'] !== '0'
  return sink.isTTY === true && env['TERM'] !== 'dumb'
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}
