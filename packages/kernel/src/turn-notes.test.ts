import { describe, expect, it } from 'vitest'
import type { DataKind, LogRecord, RecordData } from './records.js'
import { noteOfTurn, notesOf, type Noted } from './turn-notes.js'

function record<K extends DataKind>(kind: K, cause: number, data: RecordData[K]): LogRecord {
  const head = { position: cause + 1, timeMs: 0, actor: 1, correlation: 0, cause }
  return { ...head, kind, data: () => data } as unknown as LogRecord
}

const patched = (cause: number, id: string, attempt?: number): LogRecord =>
  record('patched', cause, attempt === undefined ? { id } : { id, attempt })

const full = { name: 'HoldfastError', code: 'HF_STASH_FULL', message: 'no room' }
const call = { nth: 3, call: 'stash', target: '', type: '', error: full }

function notes(...records: readonly LogRecord[]): Map<number, Noted> {
  const noted = new Map<number, Noted>()
  for (const each of records) noteOfTurn(noted, each)
  return noted
}

describe('the notes of a message', () => {
  it('are those of the attempt that came last, and of no other', () => {
    const noted = notes(patched(7, 'a'), patched(9, 'x'), patched(7, 'b'))
    expect([notesOf(noted.get(7), 1)?.patched, notesOf(noted.get(9), 1)?.patched]).toEqual([
      ['a', 'b'],
      ['x'],
    ])
    noteOfTurn(noted, patched(7, 'c', 2))
    expect([notesOf(noted.get(7), 1), notesOf(noted.get(7), 2)?.patched]).toEqual([undefined, ['c']])
    expect(notesOf(noted.get(8), 1)).toBeUndefined()
  })

  it('hold what was refused, beside the changes', () => {
    const noted = notes(patched(7, 'a'), record('refused', 7, call))
    expect(notesOf(noted.get(7), 1)).toEqual({ attempt: 1, patched: ['a'], refused: [call] })
  })

  it('hold what an earlier engine says of a stash that was full, whatever the attempt', () => {
    const noted = notes(record('stashed', 7, { refused: 'no room' }), record('stashed', 8, {}))
    expect(notesOf(noted.get(7), 2)?.refused).toEqual([{ ...call, nth: 0 }])
    expect(noted.get(8)).toBeUndefined()
  })
})
