import { visibleLine } from '../../../core/report/visible-text.ts'

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** A text that stands for itself in HTML text and quoted attributes; control characters and direction marks show. */
export const escapeHtml = (text: string): string =>
  visibleLine(text).replace(/[&<>"']/g, (character) => entities[character]!)

/** A name of things apart from the text around it, with places to break a long one. */
export const nameHtml = (text: string): string =>
  `<bdi>${escapeHtml(text).replace(/[_/.]+(?=\p{L}|\p{N})/gu, (mark) => `${mark}<wbr>`)}</bdi>`

/** A code or command: left to right, not translated. */
export const codeHtml = (text: string): string => `<code dir="ltr" translate="no">${escapeHtml(text)}</code>`

/** Classes of a translator line's colour, by its number: two hues, then dashes. */
export const lineClass = (line: number | undefined): string =>
  line === undefined || line < 0 ? '' : `c${line % 2}${line < 2 ? '' : ` d${Math.min(2, Math.floor(line / 2))}`}`
