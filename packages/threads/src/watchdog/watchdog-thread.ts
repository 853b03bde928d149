// Watchdog thread
// ===============
// Looks at the heart of the main thread, from a thread of its own. When it stops beating it asks the main thread what it
// is in, tells it afterwards when it goes on, and ends the process when it does not.
//
// Invariants
//   T1  It ends the process by a signal that nothing can hold up, and never later than `REPORT_MS` after it has decided so,
//       whatever becomes of the report.
//   T2  It decides by memory and its own clock alone: no answer of the main thread is waited for.

import { write } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { InHand, Stall } from '@holdfast/kernel'
import { ASK_EVERY_MS, LOOK_MAX_MS, LOOKS_PER_STALL, REPORT_MS } from '../limits.js'
import { MainThread } from './main-thread.js'
import { BEATS, DEBUGGED, HEART_OFFSET, type Said, type Task } from './shared.js'
import { writeStallEnd } from './stall-file.js'
import { StallJudge } from './stall-judge.js'
import { stallText } from './stall-text.js'

const { memory, system, epoch, stallMs, endAfterMs = Infinity, dir } = workerData as Task
const hand = new Float64Array(memory, 0, 2)
const heart = new Int32Array(memory, HEART_OFFSET)
const lookMs = Math.min(stallMs / LOOKS_PER_STALL, LOOK_MAX_MS)
const judge = new StallJudge(stallMs, endAfterMs, lookMs)
const main = new MainThread()
let askedMs = -Infinity
/** How often the heart had beaten when it stopped: an answer that was given later is about something else. */
let standing = -1
/** What was noted as in hand when it was looked last. */
let noted: InHand | null = null

function look(): void {
  const nowMs = performance.now()
  const { stalledMs } = judge
  const verdict = judge.look(Atomics.load(heart, BEATS), nowMs)
  if (verdict === 'end' && !isDebugged()) {
    end()
    return
  }
  if (verdict === 'went-on') {
    // Its answer may be in only now, or its first beat, that somebody debugs.
    if (!isDebugged()) say({ kind: 'went-on', stall: stall(stalledMs) })
    settle()
  } else if (verdict !== 'well') follow(nowMs)
  setTimeout(look, lookMs)
}

// It stands still.
function follow(nowMs: number): void {
  if (isDebugged()) {
    judge.excuse()
    settle()
    return
  }
  standing = judge.beats
  noted = notedInHand()
  if (nowMs - askedMs < ASK_EVERY_MS) return
  askedMs = nowMs
  main.ask()
}

function settle(): void {
  askedMs = -Infinity
  noted = null
  main.leave()
}

function isDebugged(): boolean {
  return Atomics.load(heart, DEBUGGED) === 1 || main.answer?.isDebugged === true
}

function stall(stalledMs: number): Stall {
  const answer = main.answer?.beats === standing ? main.answer : undefined
  return { inHand: answer?.inHand ?? noted, stalledMs, stack: answer?.stack ?? '' }
}

function notedInHand(): InHand | null {
  const [actorId = 0, position = 0] = hand
  return actorId === 0 ? null : { actor: '', actorId, type: '', position, correlation: 0, attempt: 1 }
}

function end(): void {
  noted = notedInHand()
  const found = { ...stall(judge.stalledMs), epoch, endAfterMs, atMs: Date.now() }
  const kill = (): void => {
    process.kill(process.pid, 'SIGKILL')
  }
  setTimeout(kill, REPORT_MS)
  const told = new Promise((resolve) => {
    write(2, stallText(system, found), resolve)
  })
  const written = dir === undefined ? undefined : writeStallEnd(dir, found)
  void Promise.allSettled([told, written]).then(kill)
}

function say(said: Said): void {
  parentPort?.postMessage(said)
}

look()
say({ kind: 'ready' })
