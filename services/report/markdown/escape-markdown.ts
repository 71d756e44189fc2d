import { visibleLine } from '../../../core/report/visible-text.ts'

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** A text that stands for itself in a line or table cell of GitHub's Markdown; `snake_case` stays readable. */
export const escapeMarkdown = (text: string): string =>
  visibleLine(text)
    .replace(/[&<>]/g, (character) => entities[character]!)
    .replace(/[\\`*[\]|~#$]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')

/** A text as code; as escaped text where code cannot hold it. */
export const markdownCode = (text: string): string => {
  const line = visibleLine(text)
  return line === '' || /[`|<]/.test(line) ? escapeMarkdown(line) : `\`${line}\``
}
