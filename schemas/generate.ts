/** Writes `schemas/records.ts` (types and schema texts) from `schemas/*.avsc`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

type Schema =
  | string
  | Schema[]
  | { type: Schema; name?: string; fields?: Field[]; items?: Schema; values?: Schema; doc?: string }
type Field = { name: string; type: Schema; doc?: string; default?: unknown }

const folder = new URL('./', import.meta.url)
const primitives: Record<string, string> = {
  string: 'string',
  int: 'number',
  long: 'number',
  double: 'number',
  boolean: 'boolean',
  bytes: 'Uint8Array',
  null: 'null',
}

/** The TypeScript text of every record in `schemas/*.avsc`, in byte order of their file names. */
export const generateRecords = (): string => {
  const out: string[] = ['// Generated from schemas/*.avsc by `npm run generate`. Do not edit.\n']
  const texts: string[] = []
  const declare = (name: string, doc: string | undefined, fields: Field[]): string => {
    const lines = fields.map((f) => `${f.doc ? `  /** ${f.doc}. */\n` : ''}  ${f.name}: ${typeOf(f.type)}`)
    out.push(
      `${doc ? `/** ${doc} */\n` : `/** Part of the record above it. */\n`}export interface ${name} {\n${lines.join('\n')}\n}\n`,
    )
    return name
  }
  const typeOf = (schema: Schema): string => {
    if (Array.isArray(schema)) return schema.map(typeOf).join(' | ')
    if (typeof schema === 'string') return primitives[schema] ?? schema
    if (schema.type === 'record') return declare(schema.name!, schema.doc, schema.fields!)
    if (schema.type === 'array') return `${typeOf(schema.items!)}[]`
    if (schema.type === 'map') return `Record<string, ${typeOf(schema.values!)}>`
    return typeOf(schema.type)
  }
  const names: string[] = []
  for (const file of readdirSync(folder)
    .filter((f) => f.endsWith('.avsc'))
    .sort()) {
    const schema = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Schema & { name: string }
    names.push(schema.name)
    typeOf(schema)
    texts.push(`  ${schema.name}: ${quote(JSON.stringify(schema))},`)
  }
  out.push(
    `/** Every record type by its Avro name. */\nexport interface Records {\n${names.map((n) => `  ${n}: ${n}`).join('\n')}\n}\n`,
  )
  out.push(`/** A record's Avro name. */\nexport type RecordName = keyof Records\n`)
  out.push(
    `/** The Avro schema of every record, as JSON text. */\nexport const schemaTexts: Record<RecordName, string> = {\n${texts.join('\n')}\n}\n`,
  )
  return out.join('\n')
}

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

if (process.argv[1]?.endsWith('generate.ts')) writeFileSync(new URL('records.ts', folder), generateRecords())
