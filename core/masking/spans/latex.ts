import { rangeTo, type SpanKind } from '../span.ts'
import { braceEnds } from './brace-ends.ts'

const box = /\\(?:boxed|fbox)(?=\{)/y

/** `\boxed{…}` with whatever it holds. */
export const boxed: SpanKind = {
  kind: 'boxed',
  triggers: '\\',
  reader(text) {
    const groupEnd = braceEnds(text)
    return (at) => {
      box.lastIndex = at
      return box.test(text) ? rangeTo(at, groupEnd(box.lastIndex)) : undefined
    }
  },
}

/** Commands whose groups hold prose: only their names are masked, braces and prose stay. */
const proseCommands = new Set([
  ...['text', 'textbf', 'textit', 'texttt', 'textsc', 'textrm', 'textsf', 'emph', 'underline', 'mbox', 'item', 'title'],
  ...[
    'section',
    'subsection',
    'subsubsection',
    'paragraph',
    'chapter',
    'part',
    'caption',
    'footnote',
    'quote',
    'author',
  ],
])

/** A line break or tab written as in a program's string, glued to the next sentence. */
const controlEscape = /\\[nrt](?=[A-Z][a-z])/y
const command = /\\[A-Za-z]{2,32}\*?/y

/** `\command{…}` outside of mathematics, with the groups that follow it, and `\begin{…}`, `\end{…}`. */
export const latexCommand: SpanKind = {
  kind: 'latex_command',
  triggers: '\\',
  reader(text) {
    const groupEnd = braceEnds(text)
    return (at) => {
      controlEscape.lastIndex = at
      if (controlEscape.test(text)) return { start: at, end: at + 2 }
      command.lastIndex = at
      const match = command.exec(text)
      if (match === null) return undefined
      const name = match[0].slice(1).replace('*', '')
      let end = at + match[0].length
      if (proseCommands.has(name)) return { start: at, end }
      while (text[end] === '{' && groupEnd(end) !== -1) end = groupEnd(end)
      return { start: at, end }
    }
  },
}
