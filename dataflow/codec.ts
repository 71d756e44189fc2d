import avro from 'avsc'
import { type RecordName, type Records, schemaTexts } from '../schemas/records.ts'
import { KalamError, messageOf } from './error.ts'
import type { LogRecord } from './log.ts'
import type { SchemaRegistry } from './schema-registry.ts'

/**
 * Avro bodies in the Confluent wire format: a zero byte, the schema's id as four bytes, the body.
 * Source: Confluent, "Wire format" in the Schema Registry documentation.
 */
export interface Codec {
  encode<Name extends RecordName>(name: Name, body: Records[Name]): Uint8Array
  /** Looks up schemas these records need and this process does not know yet. Call before decode. */
  prepare(records: readonly LogRecord[]): Promise<void>
  /** KalamError undecodable when the bytes are no such record. */
  decode<Name extends RecordName>(name: Name, value: Uint8Array): Records[Name]
}

const types = new Map<RecordName, avro.Type>()
const scratch = Buffer.allocUnsafeSlow(1 << 20)

/** A codec for all of `schemas/`, registered under subjects `kalam.<Name>`. */
export const avroCodec = async (registry: SchemaRegistry): Promise<Codec> => {
  const ids = new Map<RecordName, number>()
  const writers = new Map<number, avro.Type | KalamError>()
  const resolvers = new Map<string, avro.Resolver | undefined>()
  for (const name of Object.keys(schemaTexts) as RecordName[]) {
    const id = await registry.register(`kalam.${name}`, schemaTexts[name])
    ids.set(name, id)
    writers.set(id, typeOf(name))
  }

  const resolver = (name: RecordName, id: number): avro.Resolver | undefined => {
    const key = `${name} ${id}`
    if (resolvers.has(key)) return resolvers.get(key)
    const writer = writers.get(id)
    if (!writer) throw new KalamError('undecodable', `decoding a ${name}: unknown schema ${id}`)
    if (writer instanceof KalamError) throw writer
    const made = writer === typeOf(name) ? undefined : typeOf(name).createResolver(writer)
    resolvers.set(key, made)
    return made
  }

  return {
    encode: (name, body) => encodeBody(typeOf(name), ids.get(name)!, body),
    async prepare(records) {
      for (const { value } of records) {
        const id = schemaId(value)
        if (id === undefined || writers.has(id)) continue
        try {
          writers.set(id, avro.Type.forSchema(JSON.parse(await registry.schemaText(id))))
        } catch (thrown) {
          if (thrown instanceof KalamError && thrown.retryable) throw thrown
          writers.set(id, new KalamError('undecodable', `decoding a record: ${messageOf(thrown)}`))
        }
      }
    },
    decode<Name extends RecordName>(name: Name, value: Uint8Array): Records[Name] {
      const id = schemaId(value)
      if (id === undefined) throw new KalamError('undecodable', `decoding a ${name}: no Avro record of a registry`)
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      try {
        const { value: body, offset } = typeOf(name).decode(bytes, 5, resolver(name, id))
        if (offset !== bytes.length)
          throw new RangeError(offset < 0 ? 'truncated' : `${bytes.length - offset} bytes too many`)
        return body as Records[Name]
      } catch (thrown) {
        throw new KalamError('undecodable', `decoding a ${name}: ${messageOf(thrown)}`, { cause: thrown })
      }
    },
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

const schemaId = (value: Uint8Array): number | undefined => {
  if (value.length < 5 || value[0] !== 0) return undefined
  return ((value[1]! << 24) | (value[2]! << 16) | (value[3]! << 8) | value[4]!) >>> 0
}

const encodeBody = (type: avro.Type, id: number, body: unknown): Uint8Array => {
  scratch[0] = 0
  scratch.writeUInt32BE(id, 1)
  const end = type.encode(body, scratch, 5)
  if (end >= 0) return Buffer.from(scratch.subarray(0, end))
  // Too large for the scratch buffer: encode tells by how much.
  const bytes = Buffer.allocUnsafe(scratch.length - end)
  bytes[0] = 0
  bytes.writeUInt32BE(id, 1)
  type.encode(body, bytes, 5)
  return bytes
}
