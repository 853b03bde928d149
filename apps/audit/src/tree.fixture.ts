// Trees for tests: planted in a fresh temporary folder, removed when the test is through.

import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { crawlFindings, crawlPackages, listPackages } from './crawl.js'
import { readContents } from './contents.js'
import { brokenManifest } from './errors.js'
import {
  brokenPackage,
  packageResult,
  votesOf,
  type BrokenPackage,
  type PackageResult,
} from './inspection.js'
import { defaultLimits, type Limits } from './limits.js'
import { readManifest } from './manifest.js'
import { buildReport, type Incident, type Report } from './report.js'

/** What lies at a path: the text or bytes of a file, a link, a FIFO, or a folder when it is null. */
export type Planted = string | Uint8Array | { link: string } | { fifo: true } | null

/** Paths below a node_modules folder, and what lies there. */
export type Plan = Readonly<Record<string, Planted>>

/** Plants a tree, hands its node_modules folder to the test, and removes it whatever the test does. */
export async function withTree<T>(plan: Plan, use: (root: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-audit-'))
  try {
    const root = path.join(folder, 'node_modules')
    await mkdir(root)
    // Whoever reads as nobody must get this far.
    await chmod(folder, 0o755)
    for (const [place, planted] of Object.entries(plan)) await plant(path.join(root, place), planted)
    return await use(root)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function plant(file: string, planted: Planted): Promise<void> {
  if (planted === null) {
    await mkdir(file, { recursive: true })
    return
  }
  await mkdir(path.dirname(file), { recursive: true })
  if (typeof planted === 'string' || planted instanceof Uint8Array) await writeFile(file, planted)
  else if ('link' in planted) await symlink(planted.link, file)
  else execFileSync('env', ['mkfifo', file])
}

/** The text of a package.json. */
export function manifestText(name: string, fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ name, version: '1.0.0', ...fields })
}

/** Whether this process can give up the right to read everything. */
export const canBeDenied = process.getuid?.() !== 0 || process.seteuid !== undefined

/** Runs as somebody whom file modes bind; root is bound by none. */
export async function asNobody<T>(run: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return run()
  process.seteuid?.(65_534)
  try {
    return await run()
  } finally {
    process.seteuid?.(0)
  }
}

/** Audits a tree from end to end, without actors. */
export async function auditTree(root: string, limits: Limits = defaultLimits): Promise<Report> {
  const crawl = await listPackages(root, limits)
  const packages: PackageResult[] = []
  const broken: BrokenPackage[] = []
  const incidents: Incident[] = []
  for (const found of crawlPackages(crawl)) {
    const reading = await readManifest(root, found.place, limits)
    if (reading.ok) {
      const contents = await readContents(root, found.place, limits)
      const votes = votesOf(reading.manifest, contents)
      packages.push(packageResult(found, reading.manifest, contents, votes, limits))
    } else {
      const { name: error, message } = brokenManifest(found.place, reading)
      broken.push(brokenPackage(found.place, reading))
      incidents.push({ correlation: found.place, place: found.place, error, message })
    }
  }
  return buildReport({ packages, broken, treeFindings: crawlFindings(crawl, limits), incidents })
}
