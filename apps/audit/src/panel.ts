// Panel: three classifiers that look at different evidence and know nothing of each other. One that fails at a package
// is as good as before for the next one, and costs that package one vote.

import { actor, child, oneForOne, supervisor } from 'holdfast'
import type { Classification } from './classification.js'
import { classifyDeclared } from './classify-declared.js'
import { classifyReadme, type ReadmeEvidence } from './classify-readme.js'
import { classifyText } from './classify-text.js'
import type { LicenceFile } from './contents.js'

/** Believes what the manifest declares. */
export const declaredClassifier = actor({
  name: 'declared-classifier',
  runsIn: 'thread',
  module: import.meta.url,
  onFailure: { default: 'resume' },
  on: {
    classify: (_ctx, { declared }: { declared: readonly string[] }): Classification =>
      classifyDeclared(declared),
  },
})

/** Believes the text of the licence files. */
export const textClassifier = actor({
  name: 'text-classifier',
  runsIn: 'thread',
  module: import.meta.url,
  onFailure: { default: 'resume' },
  on: {
    classify: (_ctx, { files }: { files: readonly LicenceFile[] }): Classification => classifyText(files),
  },
})

/** Believes the readme and the headers of the source files. */
export const readmeClassifier = actor({
  name: 'readme-classifier',
  runsIn: 'thread',
  module: import.meta.url,
  onFailure: { default: 'resume' },
  on: {
    classify: (_ctx, evidence: ReadmeEvidence): Classification => classifyReadme(evidence),
  },
})

/** The three of them. */
export const panel = supervisor({
  name: 'panel',
  strategy: oneForOne(),
  children: [
    child(declaredClassifier, { id: 'declared' }),
    child(textClassifier, { id: 'text' }),
    child(readmeClassifier, { id: 'readme' }),
  ],
})
