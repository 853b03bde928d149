// Search for many patterns
// ========================
// Finds all patterns in one pass over a text, whatever the text and the patterns are (after Aho and Corasick, 1975). Most
// of a text is nowhere near a pattern, so three characters are looked up in a small table before anything else is asked.
//
// Invariant: the time is linear in the text, however often patterns begin in it and come to nothing.

/** One node of the tree of patterns; its children are a chain of siblings. */
interface Tree {
  readonly char: number[]
  readonly child: number[]
  readonly sibling: number[]
  /** The longest proper suffix of the node that is a node as well. */
  readonly fallback: number[]
  /** The longest pattern that ends here, by its number; -1 for none. */
  readonly ending: number[]
}

const FILTER_SIZE = 0x10000

/** Patterns, ready to be looked for. */
export class MultiSearch {
  readonly #tree: Tree = { char: [0], child: [0], sibling: [0], fallback: [0], ending: [-1] }
  readonly #lengths: readonly number[]
  readonly #roots = new Map<number, number>()
  /** Whether a pattern may begin with three characters. */
  readonly #filter = new Uint8Array(FILTER_SIZE)
  /** Characters of the shortest pattern. */
  readonly shortest: number

  /** No pattern may be shorter than three characters. */
  constructor(patterns: readonly string[]) {
    this.#lengths = patterns.map(({ length }) => length)
    this.shortest = Math.min(Infinity, ...this.#lengths)
    patterns.forEach((pattern, i) => {
      this.#add(pattern, i)
    })
    this.#link()
  }

  /** Tells of each place where patterns end the longest of them, and where it begins. */
  forEach(text: string, visit: (pattern: number, start: number) => void): void {
    if (text.length < this.shortest) return
    const { fallback, ending } = this.#tree
    const filter = this.#filter
    const end = text.length
    let node = 0
    let code = 0
    let second = text.charCodeAt(0)
    let third = text.charCodeAt(1)
    for (let i = 0; i < end; i++) {
      code = second
      second = third
      third = i + 2 < end ? text.charCodeAt(i + 2) : 0
      if (node === 0) {
        if (filter[mixed(code, second, third)] === 0) continue
        node = this.#roots.get(code) ?? 0
      } else {
        let next = this.#step(node, code)
        while (next === 0 && node !== 0) {
          node = fallback[node]!
          next = node === 0 ? (this.#roots.get(code) ?? 0) : this.#step(node, code)
        }
        node = next
      }
      const found = ending[node]!
      if (found !== -1) visit(found, i + 1 - this.#lengths[found]!)
    }
  }

  #add(pattern: string, number: number): void {
    let node = 0
    for (let i = 0; i < pattern.length; i++) {
      const code = pattern.charCodeAt(i)
      const next = node === 0 ? (this.#roots.get(code) ?? 0) : this.#step(node, code)
      node = next === 0 ? this.#grow(node, code) : next
    }
    // Of two that are the same, the first counts.
    if (this.#tree.ending[node] === -1) this.#tree.ending[node] = number
    this.#filter[mixed(pattern.charCodeAt(0), pattern.charCodeAt(1), pattern.charCodeAt(2))] = 1
  }

  #grow(parent: number, code: number): number {
    const { char, child, sibling, fallback, ending } = this.#tree
    const node = char.length
    char.push(code)
    child.push(0)
    sibling.push(parent === 0 ? 0 : child[parent]!)
    fallback.push(0)
    ending.push(-1)
    if (parent === 0) this.#roots.set(code, node)
    else child[parent] = node
    return node
  }

  #step(node: number, code: number): number {
    const { char, child, sibling } = this.#tree
    let at = child[node]!
    while (at !== 0 && char[at] !== code) at = sibling[at]!
    return at
  }

  // Level by level, so that what a node falls back to is known before it.
  #link(): void {
    const { char, child, sibling, fallback, ending } = this.#tree
    const nodes = [...this.#roots.values()]
    for (let i = 0; i < nodes.length; i++) {
      const parent = nodes[i]!
      for (let node = child[parent]!; node !== 0; node = sibling[node]!) {
        nodes.push(node)
        fallback[node] = this.#fallbackOf(parent, char[node]!)
        if (ending[node] === -1) ending[node] = ending[fallback[node]!]!
      }
    }
  }

  #fallbackOf(parent: number, code: number): number {
    let node = this.#tree.fallback[parent]!
    for (;;) {
      const next = node === 0 ? (this.#roots.get(code) ?? 0) : this.#step(node, code)
      if (next !== 0 || node === 0) return next
      node = this.#tree.fallback[node]!
    }
  }
}

function mixed(first: number, second: number, third: number): number {
  return ((first << 10) ^ (second << 5) ^ third) & (FILTER_SIZE - 1)
}
