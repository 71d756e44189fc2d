/** An object of a row. */
export type Row = Record<string, unknown>

/** Whether a value is an object and no list. */
export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at a path with dots; numbers count in lists (`question.0`). A key that has dots itself is found first. */
export const pathValue = (row: Row, path: string): unknown => {
  if (Object.hasOwn(row, path)) return row[path]
  let value: unknown = row
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Row)[step]
  }
  return value
}

/** The row's columns without what stands at some paths; what is left beside a path stays, an emptied column goes. */
export const withoutPaths = (row: Row, paths: readonly string[]): Row => {
  let rest = row
  // From behind, because what stands behind in a list moves up.
  const backwards = paths.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  for (const path of backwards) rest = withoutPath(rest, path)
  return rest
}

const withoutPath = (row: Row, path: string): Row => {
  const [first = '', ...steps] = Object.hasOwn(row, path) ? [path] : path.split('.')
  if (!Object.hasOwn(row, first) || pathValue(row, path) === undefined) return row
  const column = structuredCloneAlong(row[first], steps)
  const others = Object.entries(row).filter(([name]) => name !== first)
  return Object.fromEntries(column === undefined ? others : [...others, [first, column]])
}

/** A copy of a value without what stands at the steps, or undefined when nothing is left. */
const structuredCloneAlong = (value: unknown, steps: readonly string[]): unknown => {
  const last = steps.at(-1)
  if (last === undefined) return undefined
  const root: Row = { value }
  let holder: Row | unknown[] = root
  let name = 'value'
  for (const step of steps) {
    const copy: Row | unknown[] = Array.isArray((holder as Row)[name])
      ? [...((holder as Row)[name] as unknown[])]
      : { ...((holder as Row)[name] as Row) }
    ;(holder as Row)[name] = copy
    holder = copy
    name = step
  }
  if (Array.isArray(holder)) holder.splice(Number(last), 1)
  else delete holder[last]
  return Object.keys(root.value as Row).length === 0 ? undefined : root.value
}

/** Whether objects and lists stand inside each other more than `levels` deep. */
export const isDeeperThan = (value: unknown, levels: number): boolean => {
  let level = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true
    const inside: unknown[] = []
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue
      for (const inner of Object.values(item)) if (typeof inner === 'object') inside.push(inner)
    }
    level = inside
  }
  return false
}
