import type { Range } from './span.ts'

interface Node {
  next: Map<number, Node>
  ends: boolean
}

/** Finds terms in a stretch of a text. */
export type TermFinder = (text: string, from: number, to: number) => Range[]

const wordChar = /[\p{L}\p{N}\p{M}_]/u

/**
 * Makes a finder of terms as whole words, in the case they are given in; at one place the longest wins. The terms are one
 * tree of characters, so that their number does not matter: a text costs at most its length times the longest term's.
 */
export function termFinder(terms: readonly string[]): TermFinder {
  const root: Node = { next: new Map(), ends: false }
  for (const term of terms) if (term !== '') insert(root, term)
  return (text, from, to) => {
    const found: Range[] = []
    for (let at = from; at < to; ) {
      const end = root.next.has(text.charCodeAt(at)) && isBorder(text, at) ? longest(root, text, at, to) : -1
      if (end !== -1) found.push({ start: at, end })
      at = end === -1 ? at + 1 : end
    }
    return found
  }
}

function insert(root: Node, term: string): void {
  let node = root
  for (let i = 0; i < term.length; i++) {
    const unit = term.charCodeAt(i)
    const next = node.next.get(unit) ?? { next: new Map(), ends: false }
    node.next.set(unit, next)
    node = next
  }
  node.ends = true
}

/** The end of the longest term at a place, or -1. */
function longest(root: Node, text: string, start: number, to: number): number {
  let end = -1
  let node: Node | undefined = root
  for (let at = start; at < to; ) {
    node = node.next.get(text.charCodeAt(at))
    if (node === undefined) break
    at++
    if (node.ends && isBorder(text, at)) end = at
  }
  return end
}

/** Whether a word begins or ends at a place, or none is near; never inside a surrogate pair. */
function isBorder(text: string, at: number): boolean {
  if (at === 0 || at === text.length) return true
  const after = String.fromCodePoint(text.codePointAt(at)!)
  if (after.length === 1 && isLowSurrogate(after)) return false
  return !wordChar.test(after) || !wordChar.test(charBefore(text, at))
}

function charBefore(text: string, at: number): string {
  return text.slice(isLowSurrogate(text[at - 1]!) ? Math.max(0, at - 2) : at - 1, at)
}

function isLowSurrogate(char: string): boolean {
  return char >= '\udc00' && char <= '\udfff'
}
