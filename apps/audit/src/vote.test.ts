import { describe, expect, it } from 'vitest'
import { panelVerdict, sortedVotes, type Verdict, type Vote, type Voter } from './vote.js'

const vote = (voter: Voter, licence: string | null, confidence = licence === null ? 0 : 0.9): Vote => ({
  voter,
  licence,
  confidence,
  evidence: 'test',
})

const panel = (declared: string | null, text: string | null, readme: string | null): Vote[] => [
  vote('declared', declared),
  vote('text', text),
  vote('readme', readme),
]

const verdictOf = (...licences: [string | null, string | null, string | null]): Verdict =>
  panelVerdict(panel(...licences))

describe('the outcome', () => {
  it.each([
    // declared, text, readme, outcome, licence
    ['MIT', 'MIT', 'MIT', 'agreed', 'MIT'],
    ['MIT', 'MIT', null, 'agreed', 'MIT'],
    [null, 'MIT', 'MIT', 'agreed', 'MIT'],
    ['MIT', 'ISC', 'MIT', 'majority', 'MIT'],
    ['GPL-2.0-only', 'MIT', 'MIT', 'majority', 'MIT'],
    ['MIT', null, null, 'unconfirmed', 'MIT'],
    [null, null, 'MIT', 'unconfirmed', 'MIT'],
    ['MIT', 'ISC', null, 'disputed', null],
    ['MIT', 'ISC', 'Zlib', 'disputed', null],
    [null, null, null, 'abstained', null],
  ] as const)('of %s, %s and %s is %s: %s', (declared, text, readme, outcome, licence) => {
    expect(verdictOf(declared, text, readme)).toMatchObject({ outcome, licence })
  })

  it('names who stands where', () => {
    expect(verdictOf('MIT', 'ISC', 'MIT')).toMatchObject({
      agreeing: ['declared', 'readme'],
      dissenting: ['text'],
    })
    expect(verdictOf('MIT', 'ISC', null)).toMatchObject({
      agreeing: [],
      dissenting: ['declared', 'text'],
      silent: ['readme'],
    })
  })

  it('of a dispute has no category', () => {
    expect(verdictOf('MIT', 'GPL-3.0-only', null).category).toBe('unknown')
  })
})

describe('licences are compared as sets', () => {
  it.each([
    // A choice is the same choice in any order, and one of its licences does not contradict it.
    ['MIT OR GPL-2.0-only', 'GPL-2.0-only AND MIT', null, 'agreed', 'GPL-2.0-only OR MIT'],
    ['(MIT OR Apache-2.0)', 'MIT', null, 'agreed', 'Apache-2.0 OR MIT'],
    // A licence file may hold more than the package's own, as long as it asks for no more.
    ['MIT', 'BSD-3-Clause AND MIT', null, 'agreed', 'MIT'],
    ['MIT', 'GPL-3.0-only AND MIT', null, 'disputed', null],
    // What the package declares beyond its licence file is no contradiction either.
    ['MIT AND GPL-3.0-only', 'MIT', null, 'agreed', 'GPL-3.0-only AND MIT'],
    ['MIT OR ISC', 'ISC AND Zlib', null, 'disputed', null],
    // A text cannot say "or later".
    ['GPL-3.0-or-later', 'GPL-3.0-only', null, 'agreed', 'GPL-3.0-or-later'],
    ['GPL-3.0-or-later', 'GPL-2.0-only', null, 'disputed', null],
    // A family is confirmed by its member, and the member is what is reported.
    ['LicenseRef-BSD', 'BSD-3-Clause', null, 'agreed', 'BSD-3-Clause'],
    ['LicenseRef-BSD', 'MIT', null, 'disputed', null],
    ['LicenseRef-BSD', null, 'LicenseRef-BSD', 'agreed', 'LicenseRef-BSD'],
    ['MIT', 'LicenseRef-MIT-Variant', null, 'disputed', null],
  ] as const)('%s and %s and %s: %s, %s', (declared, text, readme, outcome, licence) => {
    expect(verdictOf(declared, text, readme)).toMatchObject({ outcome, licence })
  })

  it('what a licence file holds beside the licence is kept', () => {
    expect(verdictOf('MIT', 'BSD-3-Clause AND MIT', null).beside).toEqual(['BSD-3-Clause'])
    expect(verdictOf('MIT OR ISC', 'MIT', null).beside).toEqual([])
  })
})

it('V1 the order of the votes changes nothing', () => {
  for (const licences of [
    ['MIT', 'ISC', 'MIT'],
    ['MIT', 'ISC', 'Zlib'],
    ['BSD', null, 'BSD-3-Clause'],
  ] as const) {
    const [declared, text, readme] = licences
    const votes = panel(declared, text, readme)
    const [a, b, c] = votes as [Vote, Vote, Vote]
    const orders = [
      [a, b, c],
      [a, c, b],
      [b, a, c],
      [b, c, a],
      [c, a, b],
      [c, b, a],
    ]
    for (const order of orders) {
      expect(panelVerdict(order)).toEqual(panelVerdict(votes))
      expect(sortedVotes(order)).toEqual(votes)
    }
  }
})

it('V2 an opinion that is too unsure neither confirms nor disputes', () => {
  const unsure = vote('readme', 'ISC', 0.4)
  expect(panelVerdict([vote('declared', 'MIT'), vote('text', 'MIT'), unsure])).toMatchObject({
    outcome: 'agreed',
    silent: ['readme'],
  })
  expect(panelVerdict([unsure])).toMatchObject({ outcome: 'abstained' })
})

it.each([
  [1, 0.6, 'MIT', ['declared', 'readme']],
  [0.6, 1, 'GPL-3.0-only', ['text', 'readme']],
])(
  'of two pairs that agree the surer one stands: %d against %d is %s',
  (declared, text, licence, agreeing) => {
    const votes = [
      vote('declared', 'MIT', declared),
      vote('text', 'GPL-3.0-only', text),
      vote('readme', 'MIT OR GPL-3.0-only', 0.7),
    ]
    expect(panelVerdict(votes)).toMatchObject({ outcome: 'majority', licence, agreeing })
  },
)
