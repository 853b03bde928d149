import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { shrink, testFile, type Shrunk, type TestRunner } from 'holdfast/replay'
import { withSwarm } from '../chosen-swarm.js'
import { shownPath } from '../data-directory.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count } from '../figures.js'
import type { KeyOptions } from '../incident-file.js'
import { openNamed } from '../incident-source.js'
import { inert } from '../inert.js'
import { writeNew } from '../new-file.js'
import type { Command, DataOption } from './command.js'

/** Options of `shrink`. */
export interface ShrinkCommandOptions extends DataOption, KeyOptions {
  readonly failure?: number
  readonly output?: string
  readonly runner?: TestRunner
  readonly swarm?: string
  readonly force?: boolean
}

/** `holdfast shrink <correlation>`: a failure as a test with the fewest messages. */
export async function shrinkIncident(
  wanted: string,
  options: ShrinkCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const { cwd } = terminal
  const { failure, swarm, force = false } = options
  const named = await openNamed(wanted, options, terminal)
  const { incident, said } = named
  try {
    const { shrunk, file } = await withSwarm({ swarm, origin: named.origin }, terminal, async (chosen) => {
      return { shrunk: await shrink(incident, { swarm: chosen.swarm, failure }), file: chosen.file }
    })
    const folder = options.output === undefined ? cwd : dirname(resolve(cwd, options.output))
    const runner = options.runner ?? runnerFor(folder)
    const { correlation } = incident
    const text = testFile(shrunk.reproduction, {
      swarm: importPath(folder, file),
      runner,
      incident: correlation,
    })
    // Written when the process is open again.
    const written = options.output === undefined ? undefined : writeNew(cwd, options.output, text, force)
    output.note(`${output.side.good('shrunk')}  ${shrunkText(shrunk)}`)
    if (written !== undefined)
      output.note(`${output.side.faint('test')}    ${inert(shownPath(written, cwd))}, for ${runner}`)
    if (output.json) {
      const { reproduction, of, tries } = shrunk
      const { actor, error, messages } = reproduction
      const positions = messages.map(({ position }) => position)
      const body = {
        correlation,
        swarm: file,
        runner,
        file: written ?? null,
        actor,
        error,
        messages: positions,
      }
      await output.document('shrink', { ...said, ...body, of, tries, test: text })
    } else if (written === undefined) await terminal.stdout.write(text)
    return EXIT.ok
  } finally {
    await incident.close()
  }
}

/** How many messages were needed, of how many. */
export function shrunkText({ reproduction, of, tries }: Shrunk): string {
  const { actor, messages, error } = reproduction
  const needed = `${messages.length} of ${count(of, 'message')} ${messages.length === 1 ? 'is' : 'are'} needed`
  return `${needed} for ${inert(actor)} to fail with ${inert(error.name)} (tried ${count(tries, 'time')})`
}

/**
 * How a test in a folder imports a swarm file: relative, and by the name that it has once it is compiled, which is the one
 * that TypeScript, tsx and Vite all understand.
 */
export function importPath(folder: string, file: string): string {
  const path = relative(folder, file).split(sep).join('/')
  const compiled = path.replace(/\.([mc]?)tsx?$/, '.$1js')
  return compiled.startsWith('../') ? compiled : `./${compiled}`
}

/** What runs the tests of a folder: vitest when its package has it, or one above, as in a repository of several. */
export function runnerFor(folder: string): TestRunner {
  for (let at = folder; ; at = dirname(at)) {
    const manifest = join(at, 'package.json')
    if (existsSync(manifest) && hasVitest(readFileSync(manifest, 'utf8'))) return 'vitest'
    if (at === dirname(at)) return 'node:test'
  }
}

function hasVitest(text: string): boolean {
  try {
    const manifest = JSON.parse(text) as Partial<Record<string, Record<string, string>>> | null
    const lists = [manifest?.['dependencies'], manifest?.['devDependencies']]
    return lists.some((each) => each?.['vitest'] !== undefined)
  } catch {
    return false
  }
}
