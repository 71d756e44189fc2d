import { type Cell, type Column, type ColumnKind, cellOf, type Table } from '../tables/table.ts'
import { codeHtml, escapeHtml as e, lineClass, nameHtml } from './escape-html.ts'

/** A table in a box of its own that scrolls sideways, its first column fixed. */
export const tableHtml = (table: Table): string => {
  const { caption, columns, rows, foot, empty } = table
  if (rows.length === 0) return `<p class="empty">${e(empty)}</p>`
  const heads = columns.map(
    ({ name, kind, line }) => `<th scope="col" class="${classes(kind, lineClass(line))}">${nameHtml(name)}</th>`,
  )
  const row = (cells: readonly (Cell | string)[], headKind?: ColumnKind): string =>
    `<tr>${cells.map((cell, at) => cellHtml(cellOf(cell), { ...columns[at]!, ...(at === 0 && headKind && { kind: headKind }) }, at === 0)).join('')}</tr>`
  return `<div class="${`tw ${lineClass(table.line)}`.trim()}" role="region" tabindex="0" aria-label="${e(caption)}"><table>
<caption><span>${e(caption)}</span></caption>
${columns.some(({ name }) => name !== '') ? `<thead><tr>${heads.join('')}</tr></thead>\n` : ''}<tbody>${rows.map((cells) => row(cells)).join('\n')}</tbody>
${foot ? `<tfoot>${row(foot, 'name')}</tfoot>\n` : ''}</table></div>`
}

const cellHtml = (cell: Cell, { kind, line: columnLine }: Column, isHead: boolean): string => {
  const { text, note, alert, share, line } = cell
  const mark = alert ? '<span class="mark" aria-label="look here">▲</span> ' : ''
  const bar =
    share === undefined
      ? ''
      : `<i class="${`inb ${lineClass(columnLine)}`.trim()}" style="--w:${(Math.min(1, share) * 100).toFixed(1)}%"></i>`
  const content = `${mark}${textHtml(text, kind)}${note === undefined ? '' : `<small>${e(note)}</small>`}${bar}`
  const tag = isHead ? 'th' : 'td'
  const direction = kind === 'text' ? ' dir="auto"' : ''
  return `<${tag}${isHead ? ' scope="row"' : ''} class="${classes(kind, lineClass(line), alert ? 'alert' : '')}"${direction}>${content}</${tag}>`
}

const textHtml = (text: string, kind: ColumnKind = 'number'): string => {
  if (kind === 'code') return codeHtml(text)
  if (kind === 'name') return nameHtml(text)
  return text.startsWith('\u2212') ? `<bdi dir="ltr">${e(text)}</bdi>` : e(text)
}

const classes = (kind: ColumnKind = 'number', ...more: string[]): string =>
  [kind === 'number' ? 'num' : kind, ...more].filter((name) => name !== '').join(' ')
