// Text finder
// ===========
// Finds what must not be stored in one text: registered secrets in every form and view, shapes, and what looks drawn by
// lot. Each text is gone over once for each of its views, and once for what has no fixed beginning.
//
// Invariants
//   X1  What is found is found again in the same text, and nothing is found in what was put in its place.
//   X2  A registered secret is found wherever it stands, also within what looks like a placeholder.

import { placeholdersIn } from '@holdfast/kernel'
import { FieldText } from './field-text.js'
import { highEntropyIn, type HighEntropyRule } from './high-entropy.js'
import { MultiSearch } from './multi-search.js'
import { formsOf, spanOf, type SecretForm } from './secret-forms.js'
import { SHAPES, type Shape, type ShapeSpan } from './shapes.js'
import { placeIn, viewsOf, type View } from './views.js'

/** Something that must not be stored, and where it stands. */
export interface Found {
  readonly kind: string
  /** What its placeholder is made from: the same for the same secret in another form. */
  readonly of: string
  readonly span: ShapeSpan
}

type MutableFound = Found & { readonly span: { start: number; end: number } }

/** What is looked for. */
export interface TextRules {
  readonly secrets: readonly string[]
  /** Names of fields, in every spelling and in small letters. */
  readonly fieldNames: readonly string[]
  readonly hasShapes: boolean
  readonly highEntropy: HighEntropyRule | null
}

interface KnownForm extends SecretForm {
  readonly secret: string
}

interface KnownPrefix {
  readonly shape: Shape
  readonly prefix: string
}

const PREFIXES: readonly KnownPrefix[] = SHAPES.flatMap((shape) =>
  shape.prefixes.map((prefix) => ({ shape, prefix })),
)
const SHAPE_SEARCH = new MultiSearch(PREFIXES.map(({ prefix }) => prefix))

/** Finds what must not be stored. */
export class TextFinder {
  readonly #forms: readonly KnownForm[]
  readonly #secrets: MultiSearch
  readonly #fields: FieldText | null
  readonly #hasShapes: boolean
  readonly #highEntropy: HighEntropyRule | null
  /** A shorter text holds nothing. */
  readonly #shortest: number

  constructor({ secrets, fieldNames, hasShapes, highEntropy }: TextRules) {
    this.#forms = secrets.flatMap((secret) => formsOf(secret).map((form) => ({ ...form, secret })))
    this.#secrets = new MultiSearch(this.#forms.map(({ pattern }) => pattern))
    this.#fields = fieldNames.length === 0 ? null : new FieldText(fieldNames)
    this.#hasShapes = hasShapes
    this.#highEntropy = highEntropy
    const shortestShape = hasShapes ? SHORTEST_SHAPE : Infinity
    const shortestOther = Math.min(this.#fields?.shortest ?? Infinity, highEntropy?.minLength ?? Infinity)
    this.#shortest = Math.min(this.#secrets.shortest, shortestShape, shortestOther)
  }

  /** All that stands in a text, in its order and without overlaps. */
  in(text: string, isBytes = false): readonly Found[] {
    if (text.length < this.#shortest) return NOTHING
    const found: MutableFound[] = []
    if (this.#forms.length > 0) for (const view of viewsOf(text)) this.#findSecrets(view, found)
    if (this.#fields !== null)
      for (const span of this.#fields.in(text))
        found.push({ kind: 'field', of: text.slice(span.start, span.end), span: { ...span } })
    if (this.#hasShapes || this.#highEntropy !== null) this.#findOthers(text, isBytes, found)
    return found.length === 0 ? NOTHING : apart(found)
  }

  #findSecrets(view: View, found: MutableFound[]): void {
    this.#secrets.forEach(view.text, (number, start) => {
      const form = this.#forms[number]!
      const around = spanOf(form, view.text, start)
      const span = placeIn(view, around.start, around.end)
      const last = found.at(-1)
      // One that repeats itself is found at every step.
      if (last !== undefined && span.start > last.span.start && span.start < last.span.end)
        last.span.end = Math.max(last.span.end, span.end)
      else found.push({ kind: form.kind, of: form.secret, span })
    })
  }

  #findOthers(text: string, isBytes: boolean, found: Found[]): void {
    const taken = placeholdersIn(text)
    const add = (kind: string, span: ShapeSpan): void => {
      if (isTaken(taken, span)) return
      found.push({ kind, of: text.slice(span.start, span.end), span })
    }
    if (this.#hasShapes) {
      let next = 0
      SHAPE_SEARCH.forEach(text, (number, start) => {
        if (start < next) return
        const { shape, prefix } = PREFIXES[number]!
        const span = shape.scan(text, start, prefix)
        if (span === undefined) return
        next = span.end
        add(shape.kind, span)
      })
    }
    // Bytes look drawn by lot more often than not.
    if (this.#highEntropy !== null && !isBytes)
      for (const span of highEntropyIn(text, this.#highEntropy)) add('high-entropy', span)
  }
}

const NOTHING: readonly Found[] = []
const SHORTEST_SHAPE = 14

// Both come in order, and what is taken has no overlaps.
function isTaken(taken: readonly ShapeSpan[], span: ShapeSpan): boolean {
  let [low, high] = [0, taken.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (taken[middle]!.end <= span.start) low = middle + 1
    else high = middle
  }
  return low < taken.length && taken[low]!.start < span.end
}

// What overlaps becomes one: the first and longest of it says what it was.
function apart(found: Found[]): Found[] {
  found.sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end)
  const all: Found[] = []
  for (const each of found) {
    const last = all.at(-1)
    if (last === undefined || each.span.start >= last.span.end) all.push(each)
    else if (each.span.end > last.span.end) {
      const span = { start: last.span.start, end: each.span.end }
      all[all.length - 1] = { ...last, span }
    }
  }
  return all
}
