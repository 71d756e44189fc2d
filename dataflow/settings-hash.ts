import { createHash } from 'node:crypto'

/** JSON with sorted keys and without undefined values: equal settings give equal texts. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`
}

/** What a line was built with, as 64 hexadecimal digits. */
export const settingsHash = (settings: unknown): string =>
  createHash('sha256').update(canonicalJson(settings)).digest('hex')

/** Paths at which two settings differ, with both values, for a person. */
export const settingsDifference = (before: unknown, after: unknown, path = ''): string[] => {
  if (canonicalJson(before) === canonicalJson(after)) return []
  if (!isObject(before) || !isObject(after))
    return [`${path || 'settings'}: ${canonicalJson(before)} became ${canonicalJson(after)}`]
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) => settingsDifference(before[name], after[name], path ? `${path}.${name}` : name))
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
