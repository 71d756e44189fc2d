import { views } from '../services/land/schema.ts'
import { type Column, type Table, tables } from '../services/land/tables.ts'

/** The page that the generated part stands in. */
export const sqlPage = new URL('./sql.md', import.meta.url)

const begin = '<!-- begin: made by npm run generate -->'
const end = '<!-- end: made by npm run generate -->'

/** A page with its part between the marks made anew. Throws a RangeError when the marks are not there. */
export const withTables = (page: string): string => {
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new RangeError(`generating docs/sql.md: it has no ${begin} … ${end}`)
  return `${page.slice(0, from + begin.length)}\n\n${generated()}\n${page.slice(to)}`
}

const generated = (): string => {
  const viewParts = views.map(({ name, meaning, columns }) => `#### ${name}\n\n${meaning}.\n\n${columnTable(columns)}`)
  return [
    '### Views',
    ...viewParts,
    '### Tables behind the views',
    'Readers leave them alone: superseded rows and generations that are not live stand in them too.',
    ...tables.map(tablePart),
    '',
  ].join('\n\n')
}

const tablePart = ({ name, meaning, key, columns }: Table): string => {
  const view = views.find((candidate) => candidate.name === `v_${name}`)
  const shown = new Set(view?.columns.map(([column]) => column))
  const others = columns.filter(([column]) => !shown.has(column))
  const rest = view ? `Columns besides those of \`v_${name}\`:\n\n${columnTable(others)}` : columnTable(columns)
  return `#### ${name}\n\n${meaning}. Sorted by and one row per \`${key.join(', ')}\`.\n\n${rest}`
}

const columnTable = (columns: Column[]): string =>
  [
    '| column | type | meaning |',
    '|---|---|---|',
    ...columns.map(
      ([name, type, meaning]) =>
        `| \`${name}\` | ${type} | ${meaning.replaceAll('|', '\\|').replaceAll('<', '&lt;')} |`,
    ),
  ].join('\n')
