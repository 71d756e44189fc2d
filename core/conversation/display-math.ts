import { forwardFinder } from './forward-finder.ts'
import { isWords } from './math-words.ts'

/** Gives the end of the display mathematics that `opener` begins at `start`, or -1 when it is ordinary text. */
export type MathReader = (opener: string, start: number) => number

/** Environments whose content is mathematics; itemize, theorem and the like hold prose and stay text. */
const mathEnvironments = new Set([
  ...['equation', 'align', 'alignat', 'flalign', 'gather', 'multline', 'eqnarray', 'displaymath', 'math', 'dmath'],
  ...['aligned', 'alignedat', 'gathered', 'split', 'subequations', 'array', 'subarray', 'cases', 'dcases', 'rcases'],
  ...['matrix', 'pmatrix', 'bmatrix', 'Bmatrix', 'vmatrix', 'Vmatrix', 'smallmatrix', 'CD', 'tikzcd', 'tikzpicture'],
  ...['asy', 'prooftree'],
])

const environmentTag = /\\(begin|end)\{([A-Za-z]{1,24})\*?\}/g

/**
 * Makes a reader of `$$…$$` (no blank line inside), `\[…\]`, `[asy]…[/asy]` and of the environments of mathematics.
 * `$$` and `\[` around nothing but words are text: prices and escaped Markdown brackets look like that.
 */
export function mathReader(text: string): MathReader {
  const asyEnd = forwardFinder(text, '[/asy]')
  let environments: Map<number, number> | null = null
  return (opener, start) => {
    if (opener === '$$') return dollarsEnd(text, start)
    if (opener === '\\[') return bracketEnd(text, start)
    if (opener === '[asy]') return finite(asyEnd(start) + '[/asy]'.length)
    if (opener !== '\\b' || !text.startsWith('\\begin{', start)) return -1
    environments ??= environmentEnds(text)
    return environments.get(start) ?? -1
  }
}

function finite(end: number): number {
  return Number.isFinite(end) ? end : -1
}

function dollarsEnd(text: string, start: number): number {
  const close = text.indexOf('$$', start + 2)
  if (close === -1) return -1
  const body = text.slice(start + 2, close)
  return /\n[ \t\r]*\n/.test(body) || !isMath(body) ? -1 : close + 2
}

/** Pairs of a backslash and the next character are read as one, so `\\[2pt]` and `\\]` are line breaks. */
function bracketEnd(text: string, start: number): number {
  const pair = /\\[\s\S]/g
  pair.lastIndex = start + 2
  for (let match = pair.exec(text); match !== null; match = pair.exec(text)) {
    if (match[0] === '\\[') return -1
    if (match[0] === '\\]') return isMath(text.slice(start + 2, match.index)) ? pair.lastIndex : -1
  }
  return -1
}

function isMath(body: string): boolean {
  return (/[\\=+^_<>/*|{}\d]/.test(body) && !isWords(body)) || (/\p{L}/u.test(body) && !/\p{L}{2}/u.test(body))
}

/** Where every balanced environment of mathematics ends, by its start; environments nest by name. */
function environmentEnds(text: string): Map<number, number> {
  const ends = new Map<number, number>()
  const open = new Map<string, number[]>()
  for (const match of text.matchAll(environmentTag)) {
    const name = match[2]!
    if (!mathEnvironments.has(name)) continue
    const starts = open.get(name) ?? []
    open.set(name, starts)
    if (match[1] === 'begin') starts.push(match.index)
    else {
      const start = starts.pop()
      if (start !== undefined) ends.set(start, match.index + match[0].length)
    }
  }
  return ends
}
