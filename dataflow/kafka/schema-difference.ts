interface Field {
  name: string
  type: unknown
  default?: unknown
}

/** How the fields of a record differ between two Avro schema texts, in words: what went, what came, what became another type. */
export const schemaDifference = (before: string, after: string): string[] => {
  const [old, now] = [fieldsOf(before), fieldsOf(after)]
  const differences: string[] = []
  for (const [name, field] of old) {
    const other = now.get(name)
    if (!other) differences.push(`${name} is gone`)
    else if (typeText(field) !== typeText(other))
      differences.push(`${name} was ${typeText(field)} and is ${typeText(other)}`)
  }
  for (const [name, field] of now) {
    if (old.has(name)) continue
    differences.push(`${name} is new${field.default === undefined ? ' and has no default' : ''}`)
  }
  return differences
}

const fieldsOf = (text: string): Map<string, Field> => {
  const { fields = [] } = JSON.parse(text) as { fields?: Field[] }
  return new Map(fields.map((field) => [field.name, field]))
}

const typeText = ({ type }: Field): string => JSON.stringify(bare(type))

/** A type without what does not change its bytes: defaults, docs, and the space of its name. */
const bare = (type: unknown): unknown => {
  if (typeof type === 'string') return type.split('.').at(-1)
  if (Array.isArray(type)) return type.map(bare)
  const { name, type: kind, fields, items, values, symbols, size } = type as Record<string, unknown>
  return {
    type: bare(kind),
    ...(typeof name === 'string' && { name: bare(name) }),
    ...(fields !== undefined && { fields: (fields as Field[]).map((field) => [field.name, bare(field.type)]) }),
    ...(items !== undefined && { items: bare(items) }),
    ...(values !== undefined && { values: bare(values) }),
    ...(symbols !== undefined && { symbols }),
    ...(size !== undefined && { size }),
  }
}
