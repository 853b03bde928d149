// Test file
// =========
// A reproduction as one file that runs in the user's own suite: it imports their swarm and nothing else of theirs, and
// holds all that the failure needs. It fails as long as the failure is there.

import { literal } from './literal.js'
import type { Reproduction } from './reproduction.js'

/** Which library runs the tests. */
export type TestRunner = 'vitest' | 'node:test'

/** What the file says besides the reproduction. */
export interface TestFileOptions {
  /** How the file imports the swarm: `../swarm.js`. */
  readonly swarm: string
  /** @default 'vitest' */
  readonly runner?: TestRunner
  /** Name of the incident. */
  readonly incident: string
}

/** The source of a test that fails as the reproduction does. */
export function testFile(reproduction: Reproduction, options: TestFileOptions): string {
  const { swarm, runner = 'vitest', incident } = options
  const { actor, messages, error } = reproduction
  const last = messages.at(-1)!
  const body = literal(reproduction, '')
  const imports = [/\bref\('/.test(body) ? 'refTo as ref' : '', 'reproduce', 'type Reproduction'].filter(
    Boolean,
  )
  const lines = [
    `// ${inert(incident)}: ${inert(actor)} failed with ${inert(error.name)} while it handled "${inert(last.type)}".`,
    `// Made by \`holdfast shrink\`: the fewest messages after which it still did. It passes once the failure is mended.`,
    '',
    ...(runner === 'vitest'
      ? ["import { expect, it } from 'vitest'"]
      : ["import assert from 'node:assert/strict'", "import { it } from 'node:test'"]),
    `import { ${imports.join(', ')} } from 'holdfast/replay'`,
    `import swarm from ${literal(swarm)}`,
    '',
    `const reproduction: Reproduction = ${body}`,
    '',
    `it(${literal(`${inert(actor)} handles "${inert(last.type)}" of ${inert(incident)}`)}, async () => {`,
    '  const { error } = await reproduce({ ...reproduction, swarm })',
    runner === 'vitest' ? '  expect(error).toBeUndefined()' : '  assert.equal(error, undefined)',
    '})',
    '',
  ]
  return lines.join('\n')
}

// Names come from messages; in a comment nothing of them may end the line.
function inert(name: string): string {
  return name.replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
}
