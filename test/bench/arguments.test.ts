import { describe, expect, it } from 'vitest'
import { parseBenchArguments, UsageError } from './arguments.js'

const known = ['tell', 'ping-pong', 'spawn']
const parse = (...argv: string[]) => parseBenchArguments(argv, known)

describe('parseBenchArguments', () => {
  it('without arguments chooses every benchmark, five rounds and the text table', () => {
    expect(parse()).toMatchObject({ names: known, rounds: 5, json: false, write: false })
  })

  it('with --only chooses the named ones in the order of the table', () => {
    expect(parse('--only', 'spawn', '--only', 'tell', '--json')).toMatchObject({
      names: ['tell', 'spawn'],
      json: true,
    })
  })

  it('with an unknown name is refused and lists the names there are', () => {
    expect(() => parse('--only', 'tel')).toThrow(UsageError)
    expect(() => parse('--only', 'tel')).toThrow("no benchmark 'tel'. There are: tell, ping-pong, spawn.")
  })

  it.each(['0', '-3', '2.5', 'many', ''])('with --rounds=%s is refused', (rounds) => {
    expect(() => parse(`--rounds=${rounds}`)).toThrow(UsageError)
  })

  it('with an unknown flag or a stray word is refused', () => {
    expect(() => parse('--fast')).toThrow(UsageError)
    expect(() => parse('tell')).toThrow(UsageError)
  })

  it('with --write and fewer than five rounds is refused', () => {
    expect(() => parse('--write', '--rounds', '4')).toThrow('at least 5 rounds')
    expect(parse('--write', '--rounds', '7')).toMatchObject({ write: true, rounds: 7 })
  })

  it('with --write and --only is refused, since the page is written whole', () => {
    expect(() => parse('--write', '--only', 'tell')).toThrow(UsageError)
  })

  it.each(['2026-13-01', 'today', '26-01-02'])('with --date %s is refused', (date) => {
    expect(() => parse('--date', date)).toThrow(UsageError)
  })

  it('with --date takes a day', () => {
    expect(parse('--date', '2026-02-28').date).toBe('2026-02-28')
  })
})
