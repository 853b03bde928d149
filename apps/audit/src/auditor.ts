// Auditor
// =======
// Leads the audit: asks the crawler step by step, and has a bounded number of packages inspected at once, each by an
// actor of its own. All it knows is in its state, so a killed audit goes on where it was.
//
//   begin -> crawl -> crawl -> ... (one step each)         ended <- an inspector is through, or failed
//              |                                              |
//              v                                              v
//            [ waiting: places ] -- at most 16 at once --> [ running ] -- all through --> finish
//
// Invariants
//   A1  A place is in `waiting` or in `running` until its result or its incident was told, never in both.
//   A2  What is told does not depend on the order in which inspectors end.
//   A3  Whatever ends an inspector is answered: with the next one, with another try, or with an incident.

import { actor, type Context, type TerminatedNotice } from 'holdfast'
import { crawler, type CrawlStep } from './crawler.js'
import type { PackagePlace } from './crawl.js'
import { manifestFailureOf, whatFailed } from './errors.js'
import { shown } from './inert.js'
import { brokenPackage, failedPackage, type BrokenPackage } from './inspection.js'
import type { InspectorDefinition } from './inspector.js'
import { INSPECTORS_MAX, PATIENCE_MS, TRIES_MAX } from './limits.js'
import { correlationOf, placeName } from './names.js'
import { reporter } from './reporter.js'

/** A package that is to be inspected. */
interface Job extends PackagePlace {
  correlation: string
  /** How often it was begun. */
  tries: number
}

/** What the leader knows. */
export interface AuditorState {
  /** Counts the audits that this log holds; 0 before the first one. */
  round: number
  root: string
  /** The step of the crawl that is to be taken next; a message for any other is late and does nothing. */
  step: number
  isCrawled: boolean
  isDone: boolean
  waiting: Job[]
  /** By the name of the inspector. */
  running: (Job & { inspector: string })[]
}

/** What `begin` takes. */
export interface Begin {
  root: string
  /** Starts over. */
  fresh: boolean
}

/** What `begin` answers: which folder is audited now. */
export interface Begun {
  root: string
  round: number
}

type Failure = NonNullable<TerminatedNotice['error']>

/** Correlation of everything that belongs to no package. */
export const CRAWL = 'audit:crawl'

const patience = { timeoutMs: PATIENCE_MS }

/** The leader of an audit whose packages are inspected by `inspector`. */
export function auditorWith(inspector: InspectorDefinition) {
  const goOn = (ctx: Context<AuditorState>): void => {
    fill(ctx, inspector)
    finishWhenDone(ctx)
  }
  return actor({
    name: 'auditor',
    state: (): AuditorState => ({
      round: 0,
      root: '',
      step: 0,
      isCrawled: false,
      isDone: false,
      waiting: [],
      running: [],
    }),
    spawns: [inspector],
    // A message that failed is gone, and with it the step it stood for: each new life takes the work up again.
    onStart: (ctx) => {
      if (ctx.state.round > 0) resume(ctx, goOn)
    },
    on: {
      /** Begins an audit, or goes on with the one that was begun: asking again changes nothing. */
      begin(ctx, { root, fresh }: Begin): Begun {
        if (ctx.state.round > 0 && !fresh) resume(ctx, goOn)
        else startOver(ctx, root)
        return { root: ctx.state.root, round: ctx.state.round }
      },
      async crawl(ctx, { step }: { step: number }) {
        if (step !== ctx.state.step || ctx.state.isCrawled) return
        const { packages, isDone, findings } = await nextStep(ctx)
        const { state } = ctx
        const { round } = state
        const to = ctx.ref(reporter, '/audit/reporter')
        state.waiting.push(...packages.map(jobOf))
        if (packages.length > 0) ctx.tell(to, 'found', { round, count: packages.length })
        state.isCrawled = isDone
        if (isDone) ctx.tell(to, 'crawled', { round, findings })
        else crawlOn(ctx)
        goOn(ctx)
      },
      ended(ctx, notice: TerminatedNotice) {
        const { running } = ctx.state
        const at = running.findIndex(({ inspector: name }) => notice.path.endsWith(`/${name}`))
        const job = running[at]
        // An inspector of a round that was given up.
        if (job === undefined) return
        running.splice(at, 1)
        answer(ctx, job, notice)
        goOn(ctx)
      },
    },
  })
}

function startOver(ctx: Context<AuditorState>, root: string): void {
  const { running, step } = ctx.state
  const round = ctx.state.round + 1
  for (const { inspector } of running) ctx.stop(ctx.ref(`${ctx.self.path}/${inspector}`))
  ctx.state = { round, root, step, isCrawled: false, isDone: false, waiting: [], running: [] }
  ctx.tell(ctx.ref(reporter, '/audit/reporter'), 'begin', { round })
  ctx.tell(ctx.ref(crawler, '/audit/crawler'), 'begin', { root })
  crawlOn(ctx)
}

function resume(ctx: Context<AuditorState>, goOn: (ctx: Context<AuditorState>) => void): void {
  if (ctx.state.isDone) return
  if (!ctx.state.isCrawled) crawlOn(ctx)
  goOn(ctx)
}

function crawlOn(ctx: Context<AuditorState>): void {
  ctx.state.step += 1
  ctx.tell(ctx.self, 'crawl', { step: ctx.state.step }, { correlation: CRAWL })
}

// A step that fails would fail again, so what it would have read is left out and the crawl goes on behind it.
async function nextStep(ctx: Context<AuditorState>): Promise<CrawlStep> {
  const to = ctx.ref(crawler, '/audit/crawler')
  try {
    return await ctx.ask(to, 'next', undefined, patience)
  } catch (error) {
    const { name, message } = whatFailed(error)
    const incident = {
      correlation: ctx.correlationId,
      place: '.',
      error: name,
      message: inTree(ctx, message),
    }
    ctx.tell(ctx.ref(reporter, '/audit/reporter'), 'incident', { round: ctx.state.round, incident })
    return ctx.ask(to, 'skip', undefined, patience)
  }
}

function jobOf({ label, ...found }: CrawlStep['packages'][number]): Job {
  return { ...found, correlation: correlationOf(found.place, label), tries: 0 }
}

function fill(ctx: Context<AuditorState>, inspector: InspectorDefinition): void {
  const { waiting, running, root, round } = ctx.state
  while (running.length < INSPECTORS_MAX) {
    const job = waiting.shift()
    if (job === undefined) return
    const { place, folder, nesting, correlation, tries } = job
    // The inspectors of a round that was given up may not have ended yet.
    const name = round === 1 ? placeName(place) : `${placeName(place)}~${round}`
    const args = { root, place, folder, nesting, round }
    ctx.watch(ctx.spawn(inspector, { name, args, correlation, restart: 'temporary' }), 'ended')
    running.push({ ...job, tries: tries + 1, inspector: name })
  }
}

function answer(ctx: Context<AuditorState>, job: Job, { reason, error }: TerminatedNotice): void {
  if (reason === 'normal') return
  if (reason === 'failed' && error !== undefined) tellIncident(ctx, job, error)
  else if (job.tries < TRIES_MAX) ctx.state.waiting.push(jobAgain(job))
  else tellIncident(ctx, job, { name: 'Stopped', message: `its inspector was stopped (${reason})` })
}

function jobAgain({ place, folder, nesting, correlation, tries }: Job): Job {
  return { place, folder, nesting, correlation, tries }
}

function tellIncident(ctx: Context<AuditorState>, job: Job, failure: Failure): void {
  const { place, correlation } = job
  const { round } = ctx.state
  const message = inTree(ctx, failure.message)
  const to = ctx.ref(reporter, '/audit/reporter')
  ctx.tell(to, 'broken', { round, result: resultOf(place, { ...failure, message }) })
  ctx.tell(to, 'incident', { round, incident: { correlation, place, error: failure.name, message } })
}

function resultOf(place: string, { name, message, code }: Failure): BrokenPackage {
  const known = manifestFailureOf(code)
  if (known === null) return failedPackage(place, { error: name, message })
  const prefix = `${shown(place)}: `
  const reason = message.startsWith(prefix) ? message.slice(prefix.length) : message
  return brokenPackage(place, { code: known, message: reason })
}

// The report knows places of the tree and nothing of the machine that it lies on.
function inTree(ctx: Context<AuditorState>, message: string): string {
  return message.replaceAll(ctx.state.root, '.')
}

function finishWhenDone(ctx: Context<AuditorState>): void {
  const { isCrawled, isDone, waiting, running, round } = ctx.state
  if (!isCrawled || isDone || waiting.length > 0 || running.length > 0) return
  ctx.state.isDone = true
  ctx.tell(ctx.ref(reporter, '/audit/reporter'), 'finish', { round })
}
