import { isRow, type Row } from './row-value.ts'

const deepest = 4
const mostLines = 20
/** As many different values, all of them short, and they are names of roles or the like. */
const mostNames = 6
const nameLength = 24

/** What stands at the paths of rows: `thread.turns  a list of {who, said}; who: human, bot`, one line for each path. */
export const rowOutline = (rows: readonly unknown[]): string[] => {
  const found = new Map<string, unknown[]>()
  for (const row of rows.filter(isRow)) collect(row, '', 1, found)
  const shown = [...found].slice(0, mostLines)
  const width = Math.max(...shown.map(([path]) => path.length))
  return shown.map(([path, values]) => `${path.padEnd(width)}  ${valuesText(values)}`)
}

const collect = (row: Row, before: string, depth: number, found: Map<string, unknown[]>): void => {
  for (const [name, value] of Object.entries(row)) {
    const path = before + name
    if (isRow(value) && depth < deepest) collect(value, `${path}.`, depth + 1, found)
    else found.set(path, [...(found.get(path) ?? []), value])
  }
}

const valuesText = (values: readonly unknown[]): string => {
  const items = values.filter(Array.isArray).flat().filter(isRow)
  if (items.length === 0) return [...new Set(values.map(kindText))].join(' or ')
  const keys = [...new Set(items.flatMap((item) => Object.keys(item)))].slice(0, mostNames)
  const names = keys.flatMap((key) => namesText(key, items))
  return [`a list of {${keys.join(', ')}}`, ...names].join('; ')
}

/** The values of a key that has the same few again and again. */
const namesText = (key: string, items: readonly Row[]): string[] => {
  const values = items.flatMap((item) => (item[key] === undefined ? [] : [item[key]]))
  const names = [...new Set(values)]
  const areNames = names.every((name) => typeof name === 'string' && name.length <= nameLength)
  return areNames && names.length <= mostNames && names.length < values.length ? [`${key}: ${names.join(', ')}`] : []
}

const kindText = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${typeof value[0]}s`
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`
}
