import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { root, type RepositoryFile } from './repository.js'

const fence = /^ {0,3}(```+|~~~+)[^\n]*\n[\s\S]*?^ {0,3}\1[^\n]*$/gm
const inlineCode = /`[^`\n]*`/g
const inlineLink = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g
const definedLink = /^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm

/** Relative links that lead nowhere: to a file that does not exist, or to a heading its page does not have. */
export function brokenLinks(page: RepositoryFile, pages: readonly RepositoryFile[]): string[] {
  const prose = page.text.replace(fence, '').replace(inlineCode, '')
  const links = [...prose.matchAll(inlineLink), ...prose.matchAll(definedLink)].map((match) => match[1]!)
  return links.filter((link) => isBroken(page, pages, link)).map((link) => `${page.path}: ${link}`)
}

function isBroken(page: RepositoryFile, pages: readonly RepositoryFile[], link: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return false
  const [file = '', heading] = decodeURI(link).split('#', 2)
  const path = file === '' ? page.path : posix.join(posix.dirname(page.path), file)
  if (path.startsWith('../') || file.startsWith('/') || !existsSync(join(root, path))) {
    if (path !== page.path) return true
  }
  const target = path === page.path ? page : pages.find((other) => other.path === path)
  return heading !== undefined && target !== undefined && !headings(target).has(heading)
}

/** The anchors of a page as code hosts make them: lower case, spaces to hyphens, punctuation dropped. */
function headings(page: RepositoryFile): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const anchors = new Set<string>()
  for (const [, title = ''] of page.text.replace(fence, '').matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    anchors.add(count === 0 ? slug : `${slug}-${count}`)
  }
  for (const [, id = ''] of page.text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(id)
  return anchors
}
