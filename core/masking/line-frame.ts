import { behindMarks, lineStart } from './line-marks.ts'
import { peel } from './peel.ts'
import type { Range } from './span.ts'
import { type Line, type TextLine, textLines } from './text-lines.ts'

/**
 * The lines of a text, each with what holds Markdown's structure before and behind its words: indentation, marks of
 * lists, headings and block quotes, pipes, line ends. A row of a table gives one line for each cell with words; blank
 * lines, rules and separators have an empty body. Joined, before, body and after of all lines are the text.
 */
export function lineFrame(text: string): Line[] {
  return textLines(text).flatMap(({ lines }) => lines)
}

/** The stretches of a text that are structure and no words, in order. */
export function frameRanges(text: string): Range[] {
  const ranges: Range[] = []
  let at = 0
  let kept = 0
  for (const { before, body, after } of lineFrame(text)) {
    const start = at + before.length
    at = start + body.length + after.length
    if (body === '') continue
    if (start > kept) ranges.push({ start: kept, end: start })
    kept = start + body.length
  }
  if (at > kept) ranges.push({ start: kept, end: at })
  return ranges
}

/**
 * Whether a translation kept the lines of its source: as many, in the same order, blank where they were blank, with the
 * same indentation and marks in front and hard breaks behind, rows with as many cells, each with words where the source
 * has some. Soft line breaks count as well.
 */
export function sameStructure(source: string, target: string): boolean {
  return sameLines(textLines(source), textLines(target))
}

function sameLines(lines: readonly TextLine[], others: readonly TextLine[]): boolean {
  return lines.length === others.length && lines.every((line, index) => signature(line) === signature(others[index]!))
}

/**
 * The translation with the source's own marks, blank lines and line ends, when each line and cell with words has one of
 * its own in the translation; marks may have come back with other digits or signs (`١.`, `1-`, `•`), or not at all.
 * Undefined when lines or cells do not match, or a line has marks that the source's line has not.
 */
export function repairStructure(source: string, target: string): string | undefined {
  const lines = textLines(source)
  const others = textLines(target)
  const isSame = sameLines(lines, others)
  if (isSame && lines.every((line, index) => endsAs(line, others[index]!))) return target
  const worded = others.filter(({ kind }) => kind !== 'blank')
  let next = 0
  let repaired: string | undefined = ''
  for (const line of lines) {
    const mended = line.kind === 'blank' ? line.text : mend(line, worded[next++])
    if (mended === undefined) {
      repaired = undefined
      break
    }
    repaired += mended
  }
  if (repaired !== undefined && next === worded.length && sameLines(lines, textLines(repaired))) return repaired
  return isSame ? target : undefined
}

/** Whether two lines of the same structure also end in the same way, and are blank with the same white space. */
function endsAs({ kind, text }: TextLine, { text: other }: TextLine): boolean {
  if (kind === 'blank') return text === other
  return text.endsWith('\n') === other.endsWith('\n') && text.endsWith('\r\n') === other.endsWith('\r\n')
}

function signature({ kind, cells, lines }: TextLine): string {
  if (kind === 'blank' || kind === 'rule') return kind
  if (kind === 'separator') return `separator ${lines[0]!.before.trim()}`
  if (kind === 'row') return `row ${cells.map((cell) => (cell === '' ? '-' : 'x')).join('')}`
  const { before, body, after } = lines[0]!
  if (body === '') return `empty ${before.trimEnd()}`
  return `words ${before}${/^ {2,}\r?\n/.test(after) ? ' broken' : ''}`
}

/** The words of a translated line in the frame of its source, or undefined. */
function mend(line: TextLine, other: TextLine | undefined): string | undefined {
  if (other === undefined) return undefined
  if (line.kind === 'rule' || line.kind === 'separator') return other.kind === line.kind ? line.text : undefined
  if (line.kind === 'row') {
    if (other.kind !== 'row' || signature(line) !== signature(other)) return undefined
    return line.lines.map(({ before, after }, cell) => before + other.lines[cell]!.body + after).join('')
  }
  if (other.kind !== 'words') return undefined
  const { before, body, after } = line.lines[0]!
  const words = peel(other.text.slice(behindMarks(other.text, line.marks))).segment
  if ((body === '') !== (words === '')) return undefined
  if (lineStart(words).marks.length > lineStart(body).marks.length) return undefined
  return before + words + after
}
