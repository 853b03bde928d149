import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Worker } from 'node:worker_threads'
import {
  actor,
  child,
  createSystem,
  oneForOne,
  restForOne,
  supervisor,
  type Definition,
  type System,
  type ThreadsOptions,
} from 'holdfast'
import { openIncident, replay } from 'holdfast/replay'
import { describe, expect, it, vi } from 'vitest'
import { auditor, auditRoot, auditRootWith } from './audit-root.js'
import { auditorWith } from './auditor.js'
import { brokenPlaces, brokenTree, expectedFindings } from './broken-tree.fixture.js'
import { crawler } from './crawler.js'
import { inspector, inspectorWith, usableManifest } from './inspector.js'
import { begin, reportOf } from './lead.js'
import { mit } from './licence-bodies.fixture.js'
import { declaredClassifier, readmeClassifier, textClassifier } from './panel.js'
import { renderMarkdown } from './report-markdown.js'
import { findingsOf, renderJson, type Report } from './report.js'
import { reporter } from './reporter.js'
import audit from './swarm.js'
import { fromSource } from './threads.fixture.js'
import { auditTree, manifestText, withTree } from './tree.fixture.js'

// Each audit writes to disk a few hundred times, and a busy disk takes its time.
vi.setConfig({ testTimeout: 30_000 })

const silent = (): undefined => undefined

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-audit-data-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface AuditOptions {
  readonly fresh?: boolean
  readonly tree?: Definition
  readonly threads?: ThreadsOptions | false
  readonly meanwhile?: (system: System) => Promise<void>
}

/** Runs an audit to its end, or until `meanwhile` has stopped the system. */
async function audited(root: string, data: string, options: AuditOptions = {}): Promise<Report | undefined> {
  const { fresh = false, tree = auditRoot, threads = false, meanwhile } = options
  await using system = await createSystem({ name: 'audit', root: tree, data, threads })
  let isStopped = false
  void system.ended().then(() => (isStopped = true))
  const beginning = { root, fresh, data: 'data' }
  const other = meanwhile?.(system)
  const standing = await begin(system, beginning)
  const report = await reportOf(system, beginning, standing, silent, () => isStopped)
  await other
  return report
}

async function finished(root: string, data: string, options: AuditOptions = {}): Promise<Report> {
  const report = await audited(root, data, options)
  if (report === undefined) throw new TypeError('the audit was stopped')
  return report
}

const bytesOf = (report: Report): [string, string] => [renderJson(report), renderMarkdown(report)]

/** Resolves when as many inspectors have ended. */
function ended(system: System, count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count
    const off = system.on('stopped', ({ actor: path }) => {
      if (!path.startsWith('/audit/auditor/') || --left > 0) return
      off()
      resolve()
    })
  })
}

describe('a swarm that audits a tree with every broken thing', () => {
  it('finds what the functions find without actors, and reports each incident by its correlation', async () => {
    await withTree(brokenTree, (root) =>
      withFolder(async (data) => {
        const direct = await auditTree(root)
        const { incidents, ...rest } = await finished(root, data)
        const { incidents: expected, ...same } = direct
        expect(rest).toEqual(JSON.parse(JSON.stringify(same)))
        const told = incidents.map(({ place, error, message }) => ({ place, error, message }))
        expect(told).toEqual(expected.map(({ place, error, message }) => ({ place, error, message })))
        expect(incidents.map(({ place, error }) => [place, error])).toEqual(brokenPlaces)
        expect(incidents.map(({ replay: command }) => command)).toContain('npx holdfast replay bad-json')
      }),
    )
  })

  it('says every odd thing', async () => {
    await withTree(brokenTree, (root) =>
      withFolder(async (data) => {
        const report = await finished(root, data)
        const found = findingsOf(report).map(({ finding }) => `${finding.kind} ${finding.place}`)
        for (const expected of expectedFindings) expect(found).toContain(expected)
      }),
    )
  })

  it('replays every incident and every package as it was, without the tree', async () => {
    await withFolder(async (data) => {
      const report = await withTree(brokenTree, (root) => finished(root, data))
      const names = [
        ...report.incidents.map(({ correlation }) => correlation),
        ...['good@1.0.0', 'twice@2.0.0', 'twice@1.0.0', '@scope/inner@1.0.0', 'disputed@1.0.0'],
        'audit:crawl',
      ]
      for (const correlation of names) {
        await using incident = await openIncident({ data, correlation })
        const { identical, divergences, turns } = await replay(incident, { swarm: audit })
        expect({ correlation, divergences }).toEqual({ correlation, divergences: [] })
        expect(identical).toBe(true)
        expect(turns.filter((turn) => !turn.isContext)).not.toEqual([])
      }
    })
  })

  it('names the first turn that other code handles in another way', async () => {
    const lenient = inspectorWith((place, reading) => {
      if (reading.ok || reading.code !== 'no-version') return usableManifest(place, reading)
      return { ...emptyManifest, name: 'no-version' }
    })
    const changed = { root: auditRootWith(auditorWith(lenient)) }
    await withFolder(async (data) => {
      await withTree(brokenTree, (root) => finished(root, data))
      await using incident = await openIncident({ data, correlation: 'no-version' })
      const report = await replay(incident, { swarm: changed })
      expect(report.divergences[0]).toMatchObject({
        actor: '/audit/auditor/no-version',
        message: '$start',
        kind: 'outcome',
        recorded: { ok: false, error: { name: 'ManifestWithoutVersion' } },
      })
      await using other = await openIncident({ data, correlation: 'bad-json' })
      expect((await replay(other, { swarm: changed })).identical).toBe(true)
    })
  })
})

const emptyManifest = {
  name: '',
  version: '0.0.0',
  declared: [],
  installScripts: [],
  scripts: [],
  bins: [],
  refusesGyp: false,
  oddities: [],
}

describe('the same bytes', () => {
  it('come from a second audit, from the log of a finished one, and from one that starts over', async () => {
    await withTree(brokenTree, (root) =>
      withFolder(async (folder) => {
        const [first, second] = [path.join(folder, 'a'), path.join(folder, 'b')]
        const bytes = bytesOf(await finished(root, first))
        expect(bytesOf(await finished(root, second))).toEqual(bytes)
        expect(bytesOf(await finished(root, first))).toEqual(bytes)
        expect(bytesOf(await finished(root, first, { fresh: true }))).toEqual(bytes)
      }),
    )
  })

  it.each([1, 5, 12, 20])(
    'come when it is stopped in order after %i packages, and goes on',
    async (count) => {
      await withTree(brokenTree, (root) =>
        withFolder(async (folder) => {
          const undisturbed = bytesOf(await finished(root, path.join(folder, 'a')))
          const data = path.join(folder, 'b')
          const meanwhile = async (system: System): Promise<void> => {
            await ended(system, count)
            await system.stop()
          }
          expect(await audited(root, data, { meanwhile })).toBeUndefined()
          expect(bytesOf(await finished(root, data))).toEqual(undisturbed)
        }),
      )
    },
  )

  it('come when everybody has to start again in the middle', async () => {
    await withTree(brokenTree, (root) =>
      withFolder(async (folder) => {
        const undisturbed = bytesOf(await finished(root, path.join(folder, 'a')))
        const restarted: string[] = []
        const meanwhile = async (system: System): Promise<void> => {
          system.on('restarted', ({ actor: who }) => restarted.push(who))
          await ended(system, 4)
          // A message that the reporter cannot handle: whoever depends on it is restarted with it.
          system.ref('/audit/reporter').tell('audited', { round: 1 })
        }
        const report = await finished(root, path.join(folder, 'b'), { meanwhile })
        expect(bytesOf(report)).toEqual(undisturbed)
        expect(restarted).toEqual(
          expect.arrayContaining(['/audit/reporter', '/audit/crawler', '/audit/auditor']),
        )
      }),
    )
  })

  it('come from starting over in the middle, and nothing of the audit before is in them', async () => {
    await withTree(brokenTree, (root) =>
      withFolder(async (folder) => {
        const undisturbed = bytesOf(await finished(root, path.join(folder, 'a')))
        const data = path.join(folder, 'b')
        const meanwhile = async (system: System): Promise<void> => {
          await ended(system, 4)
          await begin(system, { root, fresh: true, data: 'data' })
        }
        await using system = await createSystem({ name: 'audit', root: auditRoot, data, threads: false })
        const other = meanwhile(system)
        await begin(system, { root, fresh: false, data: 'data' })
        await other
        const standing = { round: 2, isDone: false, state: system.inspect('/audit/reporter').state as never }
        const report = await reportOf(system, { root, fresh: false, data }, standing, silent, () => false)
        expect(bytesOf(report!)).toEqual(undisturbed)
      }),
    )
  })
})

describe('threads', () => {
  const threads = fromSource

  it('write the same bytes as the main thread, in one go and after a stop in the middle', async () => {
    await withTree(brokenTree, (root) =>
      withFolder(async (folder) => {
        const bytes = bytesOf(await finished(root, path.join(folder, 'main')))
        expect(bytesOf(await finished(root, path.join(folder, 'threads'), { threads }))).toEqual(bytes)
        const data = path.join(folder, 'both')
        const meanwhile = async (system: System): Promise<void> => {
          await ended(system, 8)
          await system.stop()
        }
        expect(await audited(root, data, { threads, meanwhile })).toBeUndefined()
        expect(bytesOf(await finished(root, data))).toEqual(bytes)
      }),
    )
  })

  it('run the crawler, the inspectors and the classifiers, each with code of its own', async () => {
    const workers: Worker[] = []
    const hear = (worker: Worker): void => void workers.push(worker)
    process.on('worker', hear)
    await withTree({ 'p/package.json': manifestText('p', { license: 'MIT' }), 'p/LICENSE': mit }, (root) =>
      withFolder((data) => finished(root, data, { threads })),
    )
    process.off('worker', hear)
    expect(workers.length).toBe(2)
    const moved = [crawler, inspector, declaredClassifier, textClassifier, readmeClassifier]
    for (const { name, spec } of moved) {
      expect({ name, runsIn: spec.runsIn }).toEqual({ name, runsIn: 'thread' })
      const module = (await import(spec.module!)) as Record<string, unknown>
      expect(Object.values(module)).toContain(moved.find((each) => each.name === name))
    }
  })

  it('leave a log that the main thread replays, every incident and every package of it', async () => {
    await withFolder(async (data) => {
      const report = await withTree(brokenTree, (root) => finished(root, data, { threads }))
      const names = [
        ...report.incidents.map(({ correlation }) => correlation),
        ...['good@1.0.0', 'twice@2.0.0', '@scope/inner@1.0.0', 'disputed@1.0.0', 'audit:crawl'],
      ]
      for (const correlation of names) {
        await using incident = await openIncident({ data, correlation })
        const { divergences } = await replay(incident, { swarm: audit })
        expect({ correlation, divergences }).toEqual({ correlation, divergences: [] })
      }
    })
  })
})

describe('what fails in the audit itself', () => {
  const plan = { 'p/package.json': manifestText('p', { license: 'MIT' }), 'p/LICENSE': mit }

  it('a classifier that throws costs one vote, and is an incident that replays', async () => {
    const textClassifier = actor({
      name: 'text-classifier',
      onFailure: { default: 'resume' },
      on: {
        classify(): never {
          throw new RangeError('the text is too odd')
        },
      },
    })
    const panel = supervisor({
      name: 'panel',
      strategy: oneForOne(),
      children: [
        child(declaredClassifier, { id: 'declared' }),
        child(textClassifier, { id: 'text' }),
        child(readmeClassifier, { id: 'readme' }),
      ],
    })
    const children = [child(reporter), child(panel), child(crawler), child(auditor)]
    const tree = supervisor({ name: 'audit', strategy: restForOne(), children })
    await withTree(plan, (root) =>
      withFolder(async (data) => {
        const report = await finished(root, data, { tree })
        const [result] = report.packages
        expect(result?.verdict).toMatchObject({
          outcome: 'unconfirmed',
          licence: 'MIT',
          silent: ['text', 'readme'],
        })
        expect(result?.findings.map(({ kind }) => kind)).toContain('failed-vote')
        expect(report.incidents).toMatchObject([
          { correlation: 'p@1.0.0', place: 'p', error: 'RangeError', message: 'the text is too odd' },
        ])
        await using incident = await openIncident({ data, correlation: 'p@1.0.0' })
        const replayed = await replay(incident, { swarm: { root: tree } })
        expect(replayed.divergences).toEqual([])
        const failed = replayed.turns.filter(({ recorded }) => !recorded.ok)
        expect(failed.map(({ actor: path }) => path)).toEqual(['/audit/panel/text'])
      }),
    )
  })

  it('an inspector that fails for a reason of its own is an incident, without a path of the machine', async () => {
    const failing = inspectorWith(() => {
      throw new TypeError(`no such thing in ${here}`)
    })
    let here = ''
    await withTree(plan, (root) =>
      withFolder(async (data) => {
        here = root
        const report = await finished(root, data, { tree: auditRootWith(auditorWith(failing)) })
        expect(report.broken).toMatchObject([{ place: 'p', code: 'failed-inspection' }])
        expect(report.incidents).toMatchObject([
          { correlation: 'p@1.0.0', place: 'p', error: 'TypeError', message: 'no such thing in .' },
        ])
        expect(renderJson(report)).not.toContain(root)
      }),
    )
  })

  it('a folder that is gone before it is crawled is a finding and an incident, and the audit ends', async () => {
    await withFolder(async (folder) => {
      const report = await finished(path.join(folder, 'gone'), path.join(folder, 'data'))
      expect(report.treeFindings).toMatchObject([{ kind: 'unreadable-folder', place: '' }])
      expect(report.incidents).toMatchObject([{ correlation: 'audit:crawl', error: 'NoTree' }])
    })
  })
})

describe('the swarm file', () => {
  interface Ran {
    readonly code: number
    readonly printed: string
    /** What stood on standard error. */
    readonly said: string
  }

  async function ran(data: string, args: readonly string[]): Promise<Ran> {
    await using system = await createSystem({ name: audit.name, root: audit.root, data, threads: false })
    const printed: string[] = []
    const said: string[] = []
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0)
    const code = await new Promise<number>((resolve, reject) => {
      const run = {
        args,
        data,
        print: (line: string): void => void printed.push(line),
        done: (ended = 0): void => {
          resolve(ended)
        },
      }
      Promise.resolve(audit.on.ready?.(system, run)).catch(reject)
    })
    stderr.mockRestore()
    return { code, printed: printed.join('\n'), said: said.join('') }
  }

  it('writes both reports, says what it found and what replays it, and ends with 0', async () => {
    await withTree(brokenTree, (root) =>
      withFolder(async (folder) => {
        const [data, out] = [path.join(folder, 'data'), path.join(folder, 'new', 'out')]
        const { code, printed } = await ran(data, ['--path', path.dirname(root), '--out', out])
        expect(code).toBe(0)
        expect(printed).toContain('16 packages audited, 9 could not be')
        expect(printed).toMatch(/holdfast replay bad-json --data \S+\/data/)
        expect(printed).toMatch(/Reports: \S+report\.md, \S+report\.json/)
        expect(printed).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u)
        const [json, markdown] = await reports(out)
        expect(JSON.parse(json)).toMatchObject({ schema: 'holdfast.audit/1', totals: { packages: 16 } })
        for (const text of [json, markdown]) expect(text).not.toContain(path.dirname(root))

        await rm(out, { recursive: true })
        const again = await ran(data, ['--path', root, '--out', out])
        expect(again.code).toBe(0)
        expect(again.printed).toContain('was done before')
        expect(await reports(out)).toEqual([json, markdown])
      }),
    )
  })

  it('sees what has changed only when it starts over', async () => {
    await withTree({ 'p/package.json': manifestText('p') }, (root) =>
      withFolder(async (folder) => {
        const [data, out] = [path.join(folder, 'data'), path.join(folder, 'out')]
        await ran(data, ['--path', root, '--out', out])
        await writeFile(path.join(root, 'p', 'LICENSE'), mit)
        const [before] = await reports(out)
        await ran(data, ['--path', root, '--out', out])
        expect((await reports(out))[0]).toBe(before)
        const { printed } = await ran(data, ['--path', root, '--out', out, '--fresh'])
        expect(printed).toContain('1 MIT')
        expect(printed).not.toContain('done before')
      }),
    )
  })

  it('refuses data of another folder, and reports that cannot be written, with 1', async () => {
    await withTree({ 'p/package.json': manifestText('p') }, (root) =>
      withTree({}, (other) =>
        withFolder(async (folder) => {
          const data = path.join(folder, 'data')
          expect((await ran(data, ['--path', root, '--out', folder])).code).toBe(0)
          const foreign = await ran(data, ['--path', other, '--out', folder])
          expect(foreign.code).toBe(1)
          expect(foreign.said).toMatch(/error \S+ holds the audit of another folder\.\n {2}hint {2}.*--fresh/)
          const file = path.join(root, 'p', 'package.json')
          const unwritable = await ran(data, ['--path', root, '--out', file])
          expect(unwritable.code).toBe(1)
          expect(unwritable.said).toMatch(/error The reports cannot be written: .*\n {2}hint {2}.*--out/)
        }),
      ),
    )
  })

  it('says how it is used', async () => {
    await withFolder(async (folder) => {
      const { code, printed } = await ran(path.join(folder, 'data'), ['--help'])
      expect(code).toBe(0)
      expect(printed).toContain('--path DIR')
    })
  })
})

async function reports(out: string): Promise<[string, string]> {
  return [
    await readFile(path.join(out, 'report.json'), 'utf8'),
    await readFile(path.join(out, 'report.md'), 'utf8'),
  ]
}
