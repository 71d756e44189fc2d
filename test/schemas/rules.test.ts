import { readdirSync, readFileSync } from 'node:fs'
import avro from 'avsc'
import { describe, expect, it } from 'vitest'
import { generateRecords } from '../../schemas/generate.ts'
import { schemaTexts } from '../../schemas/records.ts'

const folder = new URL('../../schemas/', import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith('.avsc'))

interface Node {
  type: unknown
  name?: string
  fields?: (Node & { default?: unknown })[]
}

/** Every schema inside a schema, itself included. */
const nodesOf = (schema: unknown): Node[] => {
  if (Array.isArray(schema)) return schema.flatMap(nodesOf)
  if (typeof schema !== 'object' || schema === null) return []
  const { type, fields = [], items, values } = schema as Node & { items?: unknown; values?: unknown }
  return [
    schema as Node,
    ...nodesOf(type),
    ...fields.flatMap((field) => nodesOf(field.type)),
    ...nodesOf(items),
    ...nodesOf(values),
  ]
}

describe('schemas', () => {
  it('are what schemas/records.ts was generated from (npm run generate)', () => {
    expect(readFileSync(new URL('records.ts', folder), 'utf8')).toBe(generateRecords())
    expect(Object.keys(schemaTexts).map((name) => `${name}.avsc`)).toEqual(files.sort())
  })

  it.each(files)('%s keeps the rules: no enums, a default for every field, a file named after its record', (file) => {
    const schema = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    const nodes = nodesOf(schema)
    expect(nodes.filter(({ type }) => type === 'enum')).toEqual([])
    const fields = nodes.flatMap(({ name, fields: own = [] }) =>
      own.map((field) => ({ path: `${name}.${field.name}`, field })),
    )
    expect(fields.length).toBeGreaterThan(0)
    expect(fields.filter(({ field }) => !('default' in field)).map(({ path }) => path)).toEqual([])
    expect(schema).toMatchObject({
      type: 'record',
      name: file.replace('.avsc', ''),
      namespace: 'kalam',
      doc: expect.any(String),
    })
    expect(nodes.filter(({ type }) => type === 'record').every(({ name }) => /^[A-Z][A-Za-z]+$/.test(name ?? ''))).toBe(
      true,
    )
    expect(fields.filter(({ field }) => !/^[a-z][a-z_]*$/.test(field.name ?? '')).map(({ path }) => path)).toEqual([])
  })

  it.each(files)('%s can read a record of a writer that knew none of its fields', (file) => {
    const schema = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    const reader = avro.Type.forSchema(schema)
    const empty = avro.Type.forSchema({ ...schema, fields: [] })
    const body = reader.fromBuffer(Buffer.alloc(0), reader.createResolver(empty))
    expect(Object.keys(body)).toEqual(schema.fields.map((field: { name: string }) => field.name))
    expect(reader.isValid(body)).toBe(true)
  })
})
