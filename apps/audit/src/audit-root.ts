// The tree of the audit. Who stands further right builds on who stands further left: when the reporter has to start
// again, so does everybody who tells it something.
//
//   audit (restForOne)
//   ├── reporter
//   ├── panel (oneForOne): declared, text, readme
//   ├── crawler
//   └── auditor
//       └── one inspector for each package, at most 16 at once

import { child, restForOne, supervisor } from 'holdfast'
import { auditorWith } from './auditor.js'
import { crawler } from './crawler.js'
import { inspector } from './inspector.js'
import { panel } from './panel.js'
import { reporter } from './reporter.js'

/** The leader of the audit. */
export const auditor = auditorWith(inspector)

/** The tree of the audit. */
export const auditRoot = auditRootWith(auditor)

/** The tree of an audit that `leads` leads: other code for the same log. */
export function auditRootWith(leads: typeof auditor) {
  return supervisor({
    name: 'audit',
    strategy: restForOne(),
    children: [child(reporter), child(panel), child(crawler), child(leads)],
  })
}
