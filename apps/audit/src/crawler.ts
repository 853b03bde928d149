// Crawler: the actor that finds packages, a folder or a few packages at a time. Each step is one question, so that
// whoever asks decides when it goes on, and a kill in the middle costs one step.

import { actor } from 'holdfast'
import {
  absorb,
  crawlFindings,
  nestedNodeModules,
  nextFolder,
  readNodeModules,
  startCrawl,
  type Crawl,
  type FolderReading,
  type PackagePlace,
} from './crawl.js'
import { finding, type Finding } from './findings.js'
import { LOOKED_INTO_MAX, PATIENCE_MS } from './limits.js'
import { readManifest } from './manifest.js'
import type { Label } from './names.js'

/** A package with what it calls itself, or null when its manifest does not say. */
interface FoundPackage extends PackagePlace {
  label: Label | null
}

/** What one step of the crawl has found. */
export interface CrawlStep {
  packages: FoundPackage[]
  isDone: boolean
  /** Of the whole crawl, once it is done. */
  findings: Finding[]
}

interface CrawlerState {
  root: string
  crawl: Crawl
  /** Packages that were found and not yet looked into. */
  unseen: PackagePlace[]
}

interface Look {
  label: Label | null
  /** The node_modules of the package, when it has any. */
  nested: FolderReading | null
}

const patience = { timeoutMs: PATIENCE_MS }

/** Finds packages. A step that fails changes nothing, so it can be skipped and the crawl goes on. */
export const crawler = actor({
  name: 'crawler',
  state: (): CrawlerState => ({ root: '', crawl: startCrawl(), unseen: [] }),
  runsIn: 'thread',
  module: import.meta.url,
  onFailure: { default: 'resume' },
  on: {
    begin(ctx, { root }: { root: string }) {
      ctx.state = { root, crawl: startCrawl(), unseen: [] }
    },
    async next(ctx): Promise<CrawlStep> {
      const { state } = ctx
      const { root } = state
      const places = chunk(state)
      if (places.length > 0) {
        const looks = await ctx.effect('look-inside', () => lookInside(root, places), patience)
        return looked(state, places, looks)
      }
      const folder = nextFolder(state.crawl)
      if (folder !== null) {
        take(state, await ctx.effect('read-folder', () => readNodeModules(root, folder), patience))
      }
      return step(state, [])
    },
    /** Leaves out what the next step would read, and says so in the report. */
    skip(ctx): CrawlStep {
      const { state } = ctx
      const places = chunk(state)
      if (places.length > 0) {
        return looked(
          state,
          places,
          places.map(({ place }) => ({ label: null, nested: unread(place) })),
        )
      }
      const folder = nextFolder(state.crawl)
      if (folder !== null) take(state, unread(folder))
      return step(state, [])
    },
  },
})

const chunk = (state: CrawlerState): PackagePlace[] => state.unseen.slice(0, LOOKED_INTO_MAX)

function take(state: CrawlerState, reading: FolderReading): void {
  const { crawl, fresh } = absorb(state.crawl, reading)
  state.crawl = crawl
  state.unseen.push(...fresh)
}

function looked(state: CrawlerState, places: readonly PackagePlace[], looks: readonly Look[]): CrawlStep {
  state.unseen.splice(0, places.length)
  for (const { nested } of looks) if (nested !== null) take(state, nested)
  return step(
    state,
    places.map((found, at) => ({ ...found, label: looks[at]?.label ?? null })),
  )
}

function step(state: CrawlerState, packages: FoundPackage[]): CrawlStep {
  const isDone = state.unseen.length === 0 && nextFolder(state.crawl) === null
  return { packages, isDone, findings: isDone ? crawlFindings(state.crawl) : [] }
}

async function lookInside(root: string, places: readonly PackagePlace[]): Promise<Look[]> {
  const looks: Look[] = []
  for (const { place } of places) {
    const nested = await nestedNodeModules(root, place)
    const reading = await readManifest(root, place)
    const label = reading.ok ? { name: reading.manifest.name, version: reading.manifest.version } : null
    looks.push({ label, nested: nested.folders.length + nested.findings.length > 0 ? nested : null })
  }
  return looks
}

function unread(place: string): FolderReading {
  const findings = [finding('unreadable-folder', place, { failure: 'io-error' })]
  return { folder: place, packages: [], links: [], folders: [], findings }
}
