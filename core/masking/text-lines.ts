import { type LineStart, lineStart } from './line-marks.ts'
import { peel } from './peel.ts'

/** A stretch of a line that is translated, with what stands before and behind it; the three, joined, are the stretch. */
export interface Line {
  before: string
  body: string
  after: string
}

/** A line of a text as Markdown reads it; `lines` has one stretch, in a table's row one for each cell with words. */
export interface TextLine extends LineStart {
  kind: 'blank' | 'rule' | 'separator' | 'row' | 'words'
  /** With the line's end. */
  text: string
  /** The contents of all cells of a row. */
  cells: readonly string[]
  lines: Line[]
}

/** Splits a text at its line ends and reads every line. */
export function textLines(text: string): TextLine[] {
  const raw = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const kinds = raw.map(kindOf)
  for (const [index, kind] of kinds.entries()) if (kind === 'separator') spreadTable(raw, kinds, index)
  return raw.map((line, index) => textLine(line, kinds[index]!))
}

function kindOf(line: string): TextLine['kind'] {
  if (line === '\n') return 'blank'
  const words = line.trim()
  if (words === '') return 'blank'
  if (isSeparator(words)) return 'separator'
  if (isRule(words)) return 'rule'
  const first = line.search(/[^\s>]/)
  return line[first] === '|' && pipes(line).length > 1 ? 'row' : 'words'
}

/** The line before a separator and those after it are rows, as long as they have a pipe. */
function spreadTable(raw: readonly string[], kinds: TextLine['kind'][], separator: number): void {
  if (kinds[separator - 1] === 'words' && pipes(raw[separator - 1]!).length > 0) kinds[separator - 1] = 'row'
  for (let next = separator + 1; kinds[next] === 'words' && pipes(raw[next]!).length > 0; next++) kinds[next] = 'row'
}

function textLine(text: string, kind: TextLine['kind']): TextLine {
  if (kind === 'row') {
    const { cells, lines } = rowOf(text)
    return { kind, text, cells, lines, marks: none, end: 0 }
  }
  if (kind !== 'words')
    return { kind, text, cells: none, lines: [{ before: text, body: '', after: '' }], marks: none, end: 0 }
  const { end, marks } = lineStart(text.replace(/\r?\n$/, ''))
  const { before, segment, after } = peel(text.slice(end))
  const line =
    segment === ''
      ? { before: text, body: '', after: '' }
      : { before: text.slice(0, end) + before, body: segment, after }
  return { kind, text, cells: none, lines: [line], marks, end }
}

/** Shared, because a text may have a million blank lines. */
const none: readonly never[] = []

/** Cells stand between pipes; the white space around their words and everything else is structure. */
function rowOf(text: string): { cells: string[]; lines: Line[] } {
  const cells: string[] = []
  const lines: Line[] = []
  let kept = 0
  let from = 0
  for (const pipe of [...pipes(text), text.length]) {
    const { before, segment } = peel(text.slice(from, pipe))
    const isOuter = segment === '' && (from === 0 || pipe === text.length)
    // A block quote's marks stand before the first pipe.
    const isQuote = from === 0 && /^[>\s]+$/.test(segment)
    if (!isOuter && !isQuote) {
      cells.push(segment)
      if (segment !== '') {
        const start = from + before.length
        lines.push({ before: text.slice(kept, start), body: segment, after: '' })
        kept = start + segment.length
      }
    }
    from = pipe + 1
  }
  if (lines.length === 0) return { cells, lines: [{ before: text, body: '', after: '' }] }
  lines[lines.length - 1]!.after = text.slice(kept)
  return { cells, lines }
}

/** The pipes of a line that are not escaped. */
function pipes(line: string): number[] {
  const found: number[] = []
  for (let at = line.indexOf('|'); at !== -1; at = line.indexOf('|', at + 1)) if (line[at - 1] !== '\\') found.push(at)
  return found
}

function isSeparator(words: string): boolean {
  return words.includes('|') && words.includes('-') && /^[|:\- \t>]+$/.test(words)
}

/** `---`, `***`, `_ _ _`, and the line below a heading. */
function isRule(words: string): boolean {
  const mark = words[0]!
  return '-*_=—'.includes(mark) && words.length > 2 && [...words].every((char) => char === mark || char === ' ')
}
