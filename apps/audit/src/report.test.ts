import { describe, expect, it } from 'vitest'
import { brokenPlaces, brokenTree, expectedFindings } from './broken-tree.fixture.js'
import { severities } from './findings.js'
import { mit } from './licence-bodies.fixture.js'
import {
  addBroken,
  addPackage,
  addTreeFindings,
  buildReport,
  findingsOf,
  noTotals,
  renderJson,
  type Report,
} from './report.js'
import { renderMarkdown } from './report-markdown.js'
import { auditTree, manifestText, withTree, type Plan } from './tree.fixture.js'

const reportOf = (plan: Plan): Promise<Report> => withTree(plan, (root) => auditTree(root))

describe('a tree with every broken thing', () => {
  it('is audited to the end: each broken package is an incident with its class, each odd thing a finding', async () => {
    const report = await reportOf(brokenTree)
    expect(report.incidents.map((incident) => [incident.place, incident.error])).toEqual(brokenPlaces)
    expect(report.broken.map((result) => result.place)).toEqual(brokenPlaces.map(([place]) => place))
    const found = findingsOf(report).map(({ finding }) => `${finding.kind} ${finding.place}`)
    for (const expected of expectedFindings) expect(found).toContain(expected)
  })

  it('leaves nothing out: every place is audited, broken, or a finding', async () => {
    const report = await reportOf(brokenTree)
    const said = new Set([
      ...report.packages.map((result) => result.place),
      ...report.broken.map((result) => result.place),
      ...report.treeFindings.flatMap((finding) => [finding.place, ...linksOf(finding)]),
    ])
    const planted = Object.keys(brokenTree)
      .filter((place) => !place.startsWith('.'))
      .map((place) => /^(?:.*node_modules\/)?(?:@[^/]+\/)?[^/]+/s.exec(place)?.[0] ?? place)
    expect([...new Set(planted)].filter((place) => !said.has(place))).toEqual([])
  })

  it('R1 gives the same bytes twice, in folders of different names, and no path of the machine', async () => {
    const render = async (root: string): Promise<[string, string, string]> => {
      const report = await auditTree(root)
      return [renderJson(report), renderMarkdown(report), root]
    }
    const first = await withTree(brokenTree, render)
    const second = await withTree(brokenTree, render)
    expect(first.slice(0, 2)).toEqual(second.slice(0, 2))
    expect(first[2]).not.toBe(second[2])
    expect(first[0]).not.toContain(first[2].split('/').at(-2))
  })

  // Case 74: names with HTML or terminal escape codes are shown inert.
  it('R3 lets no name of it be syntax or move the cursor (case 74)', async () => {
    const report = await reportOf(brokenTree)
    const markdown = renderMarkdown(report)
    for (const text of [markdown, renderJson(report)]) expect(text).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u)
    const outsideCode = markdown.replace(/(`+) ?[^\n]*?[^`\n]\1(?!`)/g, '')
    expect(outsideCode).not.toMatch(/[<`]|(?<!\\)[[\]]/)
    const columns = [3, 4, 5, 7]
    for (const line of markdown.split('\n').filter((row) => row.startsWith('| '))) {
      expect(columns).toContain(line.split('|').length - 1)
    }
  })

  it('R1 is the same report in whatever order its parts come in', async () => {
    const report = await reportOf(brokenTree)
    const { packages, broken, treeFindings, incidents } = report
    const reversed = buildReport({
      packages: [...packages].reverse(),
      broken: [...broken].reverse(),
      treeFindings: [...treeFindings].reverse(),
      incidents: [...incidents].reverse(),
    })
    expect(renderJson(reversed)).toBe(renderJson(report))
    expect(renderMarkdown(reversed)).toBe(renderMarkdown(report))
  })

  it('lists its findings worst first, and then by kind', async () => {
    const listed = findingsOf(await reportOf(brokenTree)).map(({ finding }) => finding)
    const ranks = listed.map((finding) => `${severities.indexOf(finding.severity)} ${finding.kind}`)
    expect(ranks).toEqual([...ranks].sort())
    expect(new Set(listed.map((finding) => finding.severity)).size).toBe(3)
  })

  it('is JSON that reads back as the report', async () => {
    const report = await reportOf(brokenTree)
    expect(JSON.parse(renderJson(report))).toEqual(JSON.parse(JSON.stringify(report)))
    expect(report.schema).toBe('holdfast.audit/1')
  })
})

function linksOf(finding: Report['treeFindings'][number]): string[] {
  return finding.kind === 'already-counted' ? finding.details.links : []
}

describe('totals', () => {
  it('count what there is', async () => {
    const { totals } = await reportOf(brokenTree)
    expect(totals).toMatchObject({ packages: 16, broken: 9, withInstallScripts: 1, withNativeBinaries: 1 })
    const sum = (tally: { count: number }[]): number => tally.reduce((all, { count }) => all + count, 0)
    expect([sum(totals.licences), sum(totals.categories), sum(totals.outcomes)]).toEqual([16, 16, 16])
    expect(sum(totals.severities)).toBe(sum(totals.findings))
    expect(totals.licences).toContainEqual({ name: 'MIT', count: 7 })
  })

  it('R2 do not depend on the order of the results', async () => {
    const { packages, broken, treeFindings, totals } = await reportOf(brokenTree)
    const backward = [...packages].reverse().reduce(addPackage, addTreeFindings(noTotals(), treeFindings))
    expect([...broken].reverse().reduce(addBroken, backward)).toEqual(totals)
  })

  it('of nothing are nothing', () => {
    const report = buildReport({ packages: [], broken: [], treeFindings: [], incidents: [] })
    expect(report.totals).toEqual(noTotals())
    expect(renderMarkdown(report)).toContain('| Packages audited | 0 |')
  })
})

describe('several versions of one name', () => {
  it('are listed', async () => {
    const { severalVersions } = await reportOf(brokenTree)
    expect(severalVersions).toEqual([{ name: 'twice', versions: ['1.0.0', '2.0.0'] }])
  })

  it('are not listed when it is the same version twice', async () => {
    const one = { 'a/package.json': manifestText('a'), 'b/node_modules/a/package.json': manifestText('a') }
    expect((await reportOf(one)).severalVersions).toEqual([])
  })
})

describe('incidents', () => {
  const incident = { correlation: 'a@1.0.0', place: 'a', error: 'ManifestNotJson', message: 'a: is not JSON' }
  const nothing = { packages: [], broken: [], treeFindings: [] }

  it('say the command that replays them', () => {
    const [first] = buildReport({ ...nothing, incidents: [incident] }).incidents
    expect(first?.replay).toBe('holdfast replay a@1.0.0')
    const [named] = buildReport({
      ...nothing,
      incidents: [incident],
      replayCommand: 'npx holdfast replay --data d',
    }).incidents
    expect(named?.replay).toBe('npx holdfast replay --data d a@1.0.0')
  })

  it('whose correlation is foreign text are quoted for the shell', () => {
    const hostile = { ...incident, correlation: 'a; rm -rf ~@1' }
    expect(buildReport({ ...nothing, incidents: [hostile] }).incidents[0]?.replay).toBe(
      "holdfast replay 'a; rm -rf ~@1'",
    )
  })

  it('are sorted by place, and shown in the report for a person', () => {
    const report = buildReport({ ...nothing, incidents: [{ ...incident, place: 'b' }, incident] })
    expect(report.incidents.map((one) => one.place)).toEqual(['a', 'b'])
    expect(renderMarkdown(report)).toContain(
      '| `a` | `ManifestNotJson` | a: is not JSON | `holdfast replay a@1.0.0` |',
    )
  })
})

describe('the report for a person', () => {
  it('tells the worst first, then the rest', async () => {
    const headings = [...renderMarkdown(await reportOf(brokenTree)).matchAll(/^## (.*)$/gm)].map(
      (match) => match[1],
    )
    expect(headings).toEqual([
      'Incidents',
      'Problems',
      'Warnings',
      'Worth knowing',
      'Licences',
      'Names with several versions',
      'Packages',
    ])
  })

  it('of a tree in order has no empty sections', async () => {
    const plan = { 'a/package.json': manifestText('a', { license: 'MIT' }), 'a/LICENSE': mit }
    const markdown = renderMarkdown(await reportOf(plan))
    expect([...markdown.matchAll(/^## (.*)$/gm)].map((match) => match[1])).toEqual(['Licences', 'Packages'])
    expect(markdown).toContain('| `a` | 1.0.0 | MIT | agreed | 2 | 0.0 MB |')
  })

  it('says where a package lies when its name does not', async () => {
    const nested = { 'b/package.json': manifestText('b'), 'b/node_modules/a/package.json': manifestText('a') }
    expect(renderMarkdown(await reportOf(nested))).toContain(
      '- `a@1.0.0` in `b/node_modules/a` names no licence anywhere, so nobody may use it',
    )
  })

  it('shortens long lists of what is only worth knowing', async () => {
    const files = Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`${at}.txt`, '']))
    const report = await reportOf(files)
    expect(report.treeFindings).toHaveLength(25)
    expect(renderMarkdown(report)).toContain('- and 5 more, in the JSON report')
  })
})
