import { canonicalJson } from '../../dataflow/settings-hash.ts'

/** Where two values differ first, and what stands there; undefined stands for nothing. */
export interface Difference {
  /** `records[2].attempts[0].model`; empty for the values themselves. */
  field: string
  here: string | undefined
  there: string | undefined
}

const shownBefore = 20
const shownLength = 60

/** The first difference of two JSON values in the order of their fields' names, long texts shown around it. */
export const firstDifference = (here: unknown, there: unknown, field = ''): Difference | undefined => {
  if (canonicalJson(here) === canonicalJson(there)) return undefined
  if (!isNested(here) || !isNested(there) || Array.isArray(here) !== Array.isArray(there))
    return { field, ...shown(here, there) }
  if (Array.isArray(here) && Array.isArray(there) && here.length !== there.length)
    return { field: `${field}.length`, here: String(here.length), there: String(there.length) }
  const isList = Array.isArray(here)
  const names = [...new Set([...Object.keys(here), ...Object.keys(there)])]
  for (const name of isList ? names : names.sort()) {
    const inner = isList ? `${field}[${name}]` : field === '' ? name : `${field}.${name}`
    const found = firstDifference(here[name], there[name], inner)
    if (found) return found
  }
  return { field, ...shown(here, there) }
}

const isNested = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const shown = (here: unknown, there: unknown): Pick<Difference, 'here' | 'there'> => {
  const [a, b] = [textOf(here), textOf(there)]
  let same = 0
  while (a !== undefined && b !== undefined && same < a.length && a[same] === b[same]) same++
  return { here: around(a, same), there: around(b, same) }
}

const textOf = (value: unknown): string | undefined => (value === undefined ? undefined : canonicalJson(value))

const around = (text: string | undefined, at: number): string | undefined => {
  if (text === undefined || text.length <= shownLength) return text
  const from = Math.max(0, Math.min(at - shownBefore, text.length - shownLength))
  const cut = text.slice(from, from + shownLength).toWellFormed()
  return `${from > 0 ? '…' : ''}${cut}${from + shownLength < text.length ? '…' : ''}`
}
