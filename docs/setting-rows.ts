import { alternatives, type Shape, tagOf, valueWords } from '../services/config-shape.ts'

/** One setting of pipeline.yaml: its path below its section, and what the schema says about it. */
export interface Setting {
  path: string[]
  shape: Shape
  isRequired: boolean
}

/** Settings that stand together: those of a section, or of one alternative of its entries. */
export interface SettingGroup {
  section: string
  /** What tells this alternative from the others, as `backend: openai`. */
  tag: { key: string; value: string } | undefined
  settings: Setting[]
}

/** All settings in the order of the schema: first those of the file itself, then section by section. */
export const settingGroups = (schema: Shape): SettingGroup[] => {
  const sections = Object.entries(schema.properties ?? {}).map(([section, shape]) => ({
    section,
    entries: entryShapes(shape),
  }))
  const own = sections.filter(({ entries }) => entries.length === 0)
  const general = own.flatMap(({ section }) => settingsAt([section], schema.properties![section]!, schema))
  return [
    { section: 'general', tag: undefined, settings: general },
    ...sections.flatMap(({ section, entries }) =>
      entries.map((entry) => ({
        section,
        tag: entries.length > 1 ? tagOf(entry) : undefined,
        settings: settingsBelow([], entry),
      })),
    ),
  ]
}

/** The shapes that entries of a section may have; none for what is no list or map of entries. */
const entryShapes = (shape: Shape): Shape[] => {
  const entry = shape.items ?? (typeof shape.additionalProperties === 'object' ? shape.additionalProperties : undefined)
  if (!entry) return []
  return (alternatives(entry).length > 0 ? alternatives(entry) : [entry]).filter(({ properties }) => properties)
}

const settingsBelow = (path: string[], shape: Shape): Setting[] =>
  Object.entries(shape.properties ?? {}).flatMap(([key, child]) => settingsAt([...path, key], child, shape))

const settingsAt = (path: string[], shape: Shape, parent: Shape): Setting[] => {
  const isRequired = parent.required?.includes(path.at(-1)!) === true
  const below = [shape, ...alternatives(shape)].flatMap((one) => settingsBelow(path, one))
  return [{ path, shape, isRequired }, ...below]
}

/** What values a setting takes, in words. */
export const typeWords = (shape: Shape): string => {
  const entry = shape.additionalProperties
  if (typeof entry !== 'object' || entry.properties || alternatives(entry).length > 0) return valueWords(shape)
  return `names, each with ${valueWords(entry)}`
}
