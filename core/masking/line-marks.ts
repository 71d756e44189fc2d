/** Marks that a line can begin with, one after the other, as in `> - [ ] `. */
export type LineMark = 'quote' | 'bullet' | 'task' | 'ordered' | 'heading'

/** What stands before the words of a line: where they begin, and the marks before them. */
export interface LineStart {
  end: number
  marks: readonly LineMark[]
}

/** Marks of Markdown, and `•`, which models write. */
const markdown: Record<LineMark, RegExp> = {
  quote: />/y,
  task: /\[[ xX]\](?=[ \t])/y,
  bullet: /[-*+•◦▪](?=[ \t]|$)/y,
  heading: /#{1,6}(?=[ \t]|$)/y,
  ordered: /\d{1,9}[.)](?=[ \t]|$)/y,
}

/** The same marks as translators write them, with other digits, signs and bidi controls. */
const localised: Record<LineMark, RegExp> = {
  quote: /[\u200e\u200f\u061c]?[>＞]/y,
  task: /[\u200e\u200f\u061c]?\[[ xX✓✔]?\][\u200e\u200f\u061c]?(?=[ \t]|$)/y,
  bullet: /[\u200e\u200f\u061c]?[-*+•◦▪–—●·][\u200e\u200f\u061c]?(?=[ \t]|$)/y,
  heading: /[\u200e\u200f\u061c]?[#＃]{1,6}[\u200e\u200f\u061c]?(?=[ \t]|$|[^\s#＃])/y,
  ordered:
    /[\u200e\u200f\u061c]?[\d٠-٩۰-۹]{1,9}[\u200e\u200f\u061c]?[.)\-–،:][\u200e\u200f\u061c]?(?=[ \t]|$|[^\d٠-٩۰-۹\s])/y,
}

const order = ['quote', 'task', 'bullet', 'heading', 'ordered'] as const

/** Reads the marks of Markdown that a line begins with; white space around them belongs to them. */
export function lineStart(line: string): LineStart {
  const marks: LineMark[] = []
  let at = behindSpace(line, 0)
  // Nothing nests in a heading.
  while (marks.at(-1) !== 'heading') {
    const mark = order.find((one) => behind(line, at, markdown[one]) !== -1)
    if (mark === undefined) break
    marks.push(mark)
    at = behindSpace(line, behind(line, at, markdown[mark]))
  }
  return { end: at, marks }
}

/** Where the words of a line begin behind those of the given marks that it has, in whatever spelling. */
export function behindMarks(line: string, marks: readonly LineMark[]): number {
  let at = behindSpace(line, 0)
  for (const mark of marks) {
    const end = behind(line, at, localised[mark])
    if (end !== -1) at = behindSpace(line, end)
  }
  return at
}

function behind(line: string, at: number, mark: RegExp): number {
  mark.lastIndex = at
  return mark.test(line) ? mark.lastIndex : -1
}

function behindSpace(line: string, from: number): number {
  let at = from
  while (line[at] === ' ' || line[at] === '\t') at++
  return at
}
