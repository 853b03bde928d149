// Inspector: one actor for one package, with the package's own correlation from its first breath to its last. It reads,
// asks the panel, tells the reporter and stops. What it cannot use it throws, and its supervisor decides.

import { actor } from 'holdfast'
import type { Classification } from './classification.js'
import { readContents } from './contents.js'
import type { PackagePlace } from './crawl.js'
import { brokenManifest, whatFailed } from './errors.js'
import { finding } from './findings.js'
import { packageResult, sortedFindings } from './inspection.js'
import { PATIENCE_MS } from './limits.js'
import { readManifest, type Manifest, type ManifestReading } from './manifest.js'
import { declaredClassifier, readmeClassifier, textClassifier } from './panel.js'
import { reporter } from './reporter.js'
import type { Vote, Voter } from './vote.js'

/** What an inspector is spawned with. */
export interface Inspection extends PackagePlace {
  root: string
  round: number
}

/** Where an inspector runs. One in a thread is found there by its name, so its module must export it. */
export type Where = { readonly runsIn: 'thread'; readonly module: string } | { readonly runsIn?: never }

/** Gives the manifest of a reading, or throws why the package cannot be audited. */
export type ManifestCheck = (place: string, reading: ManifestReading) => Manifest

const patience = { timeoutMs: PATIENCE_MS }

/** The check of the audit: what cannot be read or parsed, or lacks a name or a version, is thrown. */
export function usableManifest(place: string, reading: ManifestReading): Manifest {
  if (!reading.ok) throw brokenManifest(place, reading)
  return reading.manifest
}

/** An inspector that checks manifests in its own way; a changed check is what an incident can be replayed against. */
export function inspectorWith(check: ManifestCheck, where: Where = {}) {
  return actor({
    name: 'inspector',
    ...where,
    state: (inspection: Inspection) => inspection,
    onFailure: { default: 'stop' },
    on: {},
    async onStart(ctx) {
      const { root, place, round } = ctx.state
      const manifest = check(place, await ctx.effect('read-manifest', () => readManifest(root, place)))
      const contents = await ctx.effect('read-contents', () => readContents(root, place), patience)
      const { declared } = manifest
      const { licenceFiles: files, readme, headers } = contents
      const ballots = await Promise.all([
        ballot(
          'declared',
          ctx.ask(ctx.ref(declaredClassifier, '/audit/panel/declared'), 'classify', { declared }, patience),
        ),
        ballot(
          'text',
          ctx.ask(ctx.ref(textClassifier, '/audit/panel/text'), 'classify', { files }, patience),
        ),
        ballot(
          'readme',
          ctx.ask(
            ctx.ref(readmeClassifier, '/audit/panel/readme'),
            'classify',
            { readme, headers },
            patience,
          ),
        ),
      ])
      const votes = ballots.map(({ vote }) => vote)
      const result = packageResult(ctx.state, manifest, contents, votes)
      const lost = ballots.flatMap(({ failure }) =>
        failure === null ? [] : [finding('failed-vote', place, failure)],
      )
      result.findings = sortedFindings([...result.findings, ...lost])
      const to = ctx.ref(reporter, '/audit/reporter')
      ctx.tell(to, 'audited', { round, result })
      for (const { details } of lost) {
        const { error, message } = details
        ctx.tell(to, 'incident', {
          round,
          incident: { correlation: ctx.correlationId, place, error, message },
        })
      }
      ctx.stop(ctx.self)
    },
  })
}

interface Ballot {
  vote: Vote
  failure: { voter: Voter; error: string; message: string } | null
}

// A classifier that failed has nothing to say; the others decide, and the report tells that one vote is missing.
async function ballot(voter: Voter, asked: Promise<Classification>): Promise<Ballot> {
  try {
    return { vote: { voter, ...(await asked) }, failure: null }
  } catch (error) {
    const { name, message } = whatFailed(error)
    const vote = { voter, licence: null, confidence: 0, evidence: `the classifier failed with ${name}` }
    return { vote, failure: { voter, error: name, message } }
  }
}

/** The inspector of the audit. */
export const inspector = inspectorWith(usableManifest, { runsIn: 'thread', module: import.meta.url })

/** An inspector, whichever check it has. */
export type InspectorDefinition = typeof inspector
