// Reporter: the actor that keeps what was found. It takes each package once, however often it is told, so that an
// inspection that was begun again counts once; and it takes nothing of a round that was given up.

import { actor } from 'holdfast'
import type { Finding } from './findings.js'
import type { BrokenPackage, PackageResult } from './inspection.js'
import { addBroken, addPackage, addTreeFindings, noTotals, type Incident, type Totals } from './report.js'

/** What the reporter knows. */
export interface ReporterState {
  /** Counts the audits that this log holds; each starts over. */
  round: number
  /** Packages that the crawl has found so far. */
  found: number
  isCrawled: boolean
  isDone: boolean
  packages: PackageResult[]
  broken: BrokenPackage[]
  treeFindings: Finding[]
  incidents: Incident[]
  totals: Totals
}

/** What every message to the reporter says. */
interface OfRound {
  round: number
}

function nothing(round: number): ReporterState {
  return {
    round,
    found: 0,
    isCrawled: false,
    isDone: false,
    packages: [],
    broken: [],
    treeFindings: [],
    incidents: [],
    totals: noTotals(),
  }
}

/** Keeps results, totals and incidents. */
export const reporter = actor({
  name: 'reporter',
  state: () => nothing(0),
  // Its state holds every result, and a digest reads all of it.
  digestEvery: 256,
  on: {
    begin(ctx, { round }: OfRound) {
      if (round > ctx.state.round) ctx.state = nothing(round)
    },
    found({ state }, { round, count }: OfRound & { count: number }) {
      if (round === state.round) state.found += count
    },
    audited({ state }, { round, result }: OfRound & { result: PackageResult }) {
      if (round !== state.round || isKnown(state, result.place)) return
      state.packages.push(result)
      state.totals = addPackage(state.totals, result)
    },
    broken({ state }, { round, result }: OfRound & { result: BrokenPackage }) {
      if (round !== state.round || isKnown(state, result.place)) return
      state.broken.push(result)
      state.totals = addBroken(state.totals, result)
    },
    incident({ state }, { round, incident }: OfRound & { incident: Incident }) {
      if (round === state.round) state.incidents.push(incident)
    },
    crawled({ state }, { round, findings }: OfRound & { findings: Finding[] }) {
      if (round !== state.round || state.isCrawled) return
      state.isCrawled = true
      state.treeFindings = findings
      state.totals = addTreeFindings(state.totals, findings)
    },
    finish({ state }, { round }: OfRound) {
      if (round === state.round) state.isDone = true
    },
  },
})

function isKnown(state: ReporterState, place: string): boolean {
  return [...state.packages, ...state.broken].some((result) => result.place === place)
}
