import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { avroCodec, type Codec } from '../../dataflow/codec.ts'
import { type RecordName, type Records, schemaTexts } from '../../schemas/records.ts'

const folder = new URL('../golden/schemas/', import.meta.url)

/** The id that golden bytes have for the schema they were written with. */
const writerId = 1
const ownId = 1000

/** One released schema: a body, its wire bytes and the schema text they were written with. */
export interface GoldenSchema {
  /** `<Record>` or, for later releases, `<Record>-<n>`. */
  file: string
  name: RecordName
  body: Records[RecordName]
  bytes: Buffer
  schemaText: string
}

/** Every golden schema, by its files `.json`, `.avro` and `.avsc` in `test/golden/schemas/`. */
export const goldenSchemas = (): GoldenSchema[] =>
  goldenFiles().map((file) => ({
    file,
    name: nameOf(file),
    body: bodyOf(file),
    bytes: readFileSync(new URL(`${file}.avro`, folder)),
    schemaText: readFileSync(new URL(`${file}.avsc`, folder), 'utf8'),
  }))

const goldenFiles = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.replace('.json', ''))

const nameOf = (file: string): RecordName => file.replace(/-\d+$/, '') as RecordName

const bodyOf = (file: string): Records[RecordName] =>
  JSON.parse(readFileSync(new URL(`${file}.json`, folder), 'utf8'), (_, value) =>
    value?.type === 'Buffer' ? Buffer.from(value.data) : value,
  )

/** Today's codec, in front of a registry that has the schema of these bytes. */
export const codecFor = (golden: GoldenSchema): Promise<Codec> =>
  avroCodec({
    register: async (subject) => (subject === `kalam.${golden.name}` ? ownId : ownId + subject.length),
    schemaText: async () => golden.schemaText,
  })

/** Today's bytes of a golden body, with the writer's id that golden bytes have. */
export const bytesOfToday = async (name: RecordName, body: Records[RecordName]): Promise<Buffer> => {
  const codec = await avroCodec({ register: async () => writerId, schemaText: async () => '' })
  return Buffer.from(codec.encode(name, body))
}

/** A schema without its texts for people, which may change at any time. */
export const shapeOf = (schemaText: string): string =>
  JSON.stringify(JSON.parse(schemaText), (name, value) => (name === 'doc' ? undefined : value))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of process.argv.slice(2)) {
    writeFileSync(new URL(`${file}.avro`, folder), await bytesOfToday(nameOf(file), bodyOf(file)))
    writeFileSync(new URL(`${file}.avsc`, folder), `${schemaTexts[nameOf(file)]}\n`)
  }
}
