import avro from 'avsc'
import { type RecordName, type Records, schemaTexts } from '../schemas/records.ts'
import { stringsFaster } from './avro-strings.ts'
import { bodyEnd, type EndOf } from './body-end.ts'
import { KalamError, messageOf } from './error.ts'
import type { LogRecord } from './log.ts'
import type { SchemaRegistry } from './schema-registry.ts'
import { slabWriter } from './slab.ts'

/**
 * Avro bodies in the Confluent wire format: a zero byte, the schema's id as four bytes, the body.
 * Source: Confluent, "Wire format" in the Schema Registry documentation.
 */
export interface Codec {
  encode<Name extends RecordName>(name: Name, body: Records[Name]): Uint8Array
  /** Looks up schemas these records need and this process does not know yet. Call before decode; rejects when the registry does not answer. */
  prepare(records: readonly LogRecord[]): Promise<void>
  /** KalamError undecodable when the bytes are no such record. */
  decode<Name extends RecordName>(name: Name, value: Uint8Array): Records[Name]
  /** The same codec, but what it decodes of the records of a name has these fields alone, for who reads many records and needs little of each. */
  withOnly<Name extends RecordName>(name: Name, fields: readonly (keyof Records[Name] & string)[]): Codec
}

/** How records of one writer's schema are read as one of ours. */
interface Reader {
  end: EndOf
  resolver: avro.Resolver | undefined
}

const headBytes = 5
const types = new Map<RecordName, avro.Type>()
const written = slabWriter()

/** A codec for all of `schemas/`, registered under subjects `kalam.<Name>`. */
export const avroCodec = async (registry: SchemaRegistry): Promise<Codec> => {
  stringsFaster()
  const ids = new Map<RecordName, number>()
  const writers = new Map<number, avro.Type | KalamError>()
  for (const name of Object.keys(schemaTexts) as RecordName[]) {
    const id = await registry.register(`kalam.${name}`, schemaTexts[name])
    ids.set(name, id)
    writers.set(id, typeOf(name))
  }

  const codecOf = (wanted: (name: RecordName) => avro.Type): Codec => ({
    encode: (name, body) => encodeBody(typeOf(name), ids.get(name)!, body),
    async prepare(records) {
      for (const { value } of records) {
        const id = schemaId(value)
        if (id === undefined || writers.has(id)) continue
        writers.set(id, await lookUp(registry, id))
      }
    },
    decode: decoder(writers, wanted),
    withOnly(name, fields) {
      const part = partOf(name, fields)
      return codecOf((other) => (other === name ? part : wanted(other)))
    },
  })
  return codecOf(typeOf)
}

/** Decodes records by the schemas of their writers as records of the types that are wanted. */
const decoder = (
  writers: ReadonlyMap<number, avro.Type | KalamError>,
  wanted: (name: RecordName) => avro.Type,
): Codec['decode'] => {
  const readers = new Map<RecordName, Map<number, Reader>>()
  const readerOf = (name: RecordName, id: number): Reader => {
    const known = readers.get(name)?.get(id)
    if (known) return known
    const writer = writers.get(id)
    if (!writer) throw new Error(`unknown schema ${id}`)
    if (writer instanceof KalamError) throw writer
    const type = wanted(name)
    const reader = { end: bodyEnd(writer), resolver: writer === type ? undefined : type.createResolver(writer) }
    const ofName = readers.get(name) ?? new Map<number, Reader>()
    readers.set(name, ofName.set(id, reader))
    return reader
  }
  return <Name extends RecordName>(name: Name, value: Uint8Array): Records[Name] => {
    const id = schemaId(value)
    if (id === undefined) throw new KalamError('undecodable', `decoding a ${name}: no Avro record of a registry`)
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    try {
      const { end, resolver } = readerOf(name, id)
      const tooMany = bytes.length - end(bytes, headBytes)
      if (tooMany > 0) throw new RangeError(`${tooMany} bytes too many`)
      return wanted(name).decode(bytes, headBytes, resolver).value as Records[Name]
    } catch (thrown) {
      throw new KalamError('undecodable', `decoding a ${name}: ${messageOf(thrown)}`, { cause: thrown })
    }
  }
}

/** A writer's schema; an error value when the registry has none or it is no schema, because that will not change. */
const lookUp = async (registry: SchemaRegistry, id: number): Promise<avro.Type | KalamError> => {
  let text: string
  try {
    text = await registry.schemaText(id)
  } catch (thrown) {
    if (thrown instanceof KalamError && thrown.code === 'undecodable') return thrown
    throw thrown
  }
  try {
    return avro.Type.forSchema(JSON.parse(text))
  } catch (thrown) {
    return new KalamError('undecodable', `decoding a record: schema ${id} is no Avro schema: ${messageOf(thrown)}`)
  }
}

const typeOf = (name: RecordName): avro.Type => {
  let type = types.get(name)
  if (!type) {
    type = avro.Type.forSchema(JSON.parse(schemaTexts[name]))
    types.set(name, type)
  }
  return type
}

/** A type of some fields of a record. */
const partOf = (name: RecordName, fields: readonly string[]): avro.Type => {
  const schema = JSON.parse(schemaTexts[name]) as { fields: { name: string }[] }
  return avro.Type.forSchema({
    ...schema,
    fields: schema.fields.filter((field) => fields.includes(field.name)),
  } as avro.Schema)
}

const schemaId = (value: Uint8Array): number | undefined => {
  if (value.length < headBytes || value[0] !== 0) return undefined
  return ((value[1]! << 24) | (value[2]! << 16) | (value[3]! << 8) | value[4]!) >>> 0
}

const encodeBody = (type: avro.Type, id: number, body: unknown): Uint8Array =>
  written((bytes, start) => {
    const end = type.encode(body, bytes, start + headBytes)
    if (end < 0) return end
    bytes[start] = 0
    bytes.writeUInt32BE(id, start + 1)
    return end
  })
