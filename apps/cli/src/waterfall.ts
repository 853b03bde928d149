// Waterfall
// =========
// A course on its time axis, one line a turn, effect or question: a bar for when it was and how long it took, each as far
// to the right as it is away from the first message.

import { span as spanText } from './figures.js'
import { inert } from './inert.js'
import type { Paint } from './paint.js'
import { shorten } from './printable.js'
import type { Span, Spans } from './spans.js'

/** How a waterfall is drawn. */
export interface WaterfallOptions {
  /** Characters on a line. */
  readonly width: number
  readonly paint: Paint
  /** The path of an actor. */
  readonly path: (id: number) => string
}

const BARS: Readonly<Record<Span['kind'], string>> = { turn: '█', effect: '▒', ask: '░' }

/** A waterfall as lines. */
export function waterfallLines(spans: Spans, { width, paint, path }: WaterfallOptions): string[] {
  const shown: Span[] = []
  let left = 0
  for (const each of spans.all()) {
    if (shown.length < SPANS_SHOWN) shown.push(each)
    else left++
  }
  if (shown.length === 0) return [paint.faint('no turn has ended or begun to wait')]
  const labels = shown.map((each) => labelOf(each, path))
  const longest = labels.reduce((most, label) => Math.max(most, label.length), 0)
  const labelWidth = Math.min(longest, Math.max(LABEL_MIN, Math.floor(width * LABEL_SHARE)))
  const axis = new Axis(
    spans.startMs,
    spans.endMs,
    Math.max(BAR_MIN, width - labelWidth - TIME_WIDTH - FRAME_WIDTH),
  )
  const lines = [`${' '.repeat(labelWidth)}  ${paint.faint(axis.scale())}`]
  for (const [i, each] of shown.entries()) {
    const label = shorten(labels[i]!, labelWidth).padEnd(labelWidth)
    const took = `${each.isOpen ? '>' : ''}${spanText(each.endMs - each.startMs)}`.padStart(TIME_WIDTH)
    const bar = axis.bar(each)
    const painted = each.ok ? paint.good(bar) : paint.bad(bar)
    lines.push(
      `${label}  ${painted}${' '.repeat(axis.width - bar.length)}  ${took}${each.ok ? '' : paint.bad(' ✗')}`,
    )
  }
  if (left > 0) lines.push(`… ${left} more; --json lists them`)
  lines.push(
    paint.faint(`${BARS.turn} turn  ${BARS.effect} effect  ${BARS.ask} question  ${WAITS} in the mailbox`),
  )
  return lines
}

/** Spans for a document. */
export function waterfallJson(spans: Spans, path: (id: number) => string): object[] {
  return [...spans.all()].map(({ actor, target, startMs, endMs, ...rest }) => {
    return {
      ...rest,
      actor: path(actor),
      target: target === 0 ? null : path(target),
      startMs: startMs - spans.startMs,
      endMs: endMs - spans.startMs,
    }
  })
}

function labelOf({ kind, actor, name, target, attempt, depth }: Span, path: (id: number) => string): string {
  const indent = '  '.repeat(Math.min(depth, DEPTH_SHOWN))
  if (kind === 'effect') return `${indent}effect ${inert(name)}`
  if (kind === 'ask') return `${indent}asks ${target === 0 ? '' : `${inert(path(target))} `}${inert(name)}`
  return `${indent}${inert(path(actor))} ${inert(name)}${attempt > 1 ? ` #${attempt}` : ''}`
}

class Axis {
  readonly #startMs: number
  readonly #totalMs: number
  readonly width: number

  constructor(startMs: number, endMs: number, width: number) {
    this.#startMs = startMs
    this.#totalMs = Math.max(1, endMs - startMs)
    this.width = width
  }

  /** The beginning, the middle and the end of the axis. */
  scale(): string {
    const middle = spanText(this.#totalMs / 2)
    const end = spanText(this.#totalMs)
    const gap = this.width - 1 - middle.length - end.length
    if (gap < 4) return `0${end.padStart(this.width - 1)}`
    const left = Math.max(1, Math.floor(this.width / 2) - 1 - Math.floor(middle.length / 2))
    return `0${' '.repeat(left)}${middle}${' '.repeat(Math.max(1, gap - left))}${end}`
  }

  bar({ kind, startMs, endMs, waitedMs }: Span): string {
    const from = this.#column(startMs)
    const length = Math.max(1, this.#column(endMs) - from)
    const start = Math.min(from, this.width - 1)
    const waits = start - Math.min(start, this.#column(startMs - waitedMs))
    return `${' '.repeat(start - waits)}${WAITS.repeat(waits)}${BARS[kind].repeat(Math.min(length, this.width - start))}`
  }

  #column(ms: number): number {
    const share = (ms - this.#startMs) / this.#totalMs
    return Math.round(Math.min(1, Math.max(0, share)) * this.width)
  }
}

const WAITS = '·'
const SPANS_SHOWN = 500
const DEPTH_SHOWN = 12
const TIME_WIDTH = 9
/** Two gaps, and the cross behind what failed. */
const FRAME_WIDTH = 6
const LABEL_MIN = 20
const LABEL_SHARE = 0.45
const BAR_MIN = 10
