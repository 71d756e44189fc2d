import avro from 'avsc'
import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../../dataflow/log.ts'
import { type RecordName, schemaTexts } from '../../schemas/records.ts'
import { bytesOfToday, codecFor, goldenSchemas, shapeOf } from './golden-schemas.ts'

const golden = goldenSchemas()
const names = Object.keys(schemaTexts) as RecordName[]

describe('released schemas', () => {
  it.each(golden)('$file: its golden bytes are its golden body, read with the schemas of today', async (each) => {
    const codec = await codecFor(each)
    const record: LogRecord = { offset: 0, key: 'k', value: each.bytes, headers: {}, timestamp: 0 }
    await codec.prepare([record])
    expect(codec.decode(each.name, each.bytes)).toMatchObject(each.body)
  })

  it.each(golden)('$file: bytes of today can be read with it', ({ name, schemaText }) => {
    const [then, now] = [schemaText, schemaTexts[name]].map((text) => avro.Type.forSchema(JSON.parse(text)))
    const body = now!.random()
    expect(() => then!.fromBuffer(now!.toBuffer(body), then!.createResolver(now!))).not.toThrow()
  })

  it.each(names)('%s of today is one of them, with golden bytes', async (name) => {
    const today = golden.find((each) => each.name === name && shapeOf(each.schemaText) === shapeOf(schemaTexts[name]))
    // A new release gets files of its own: write <Record>-<n>.json with every new field in it, then
    // `node --import tsx test/schemas/golden-schemas.ts <Record>-<n>`.
    expect(today?.file, `golden files of the present ${name}`).toBeDefined()
    expect((await bytesOfToday(name, today!.body)).equals(today!.bytes)).toBe(true)
  })

  it.each(golden)(
    '$file: no field of its body has its default, so that none can get lost unseen',
    ({ body, schemaText }) => {
      const { fields } = avro.Type.forSchema(JSON.parse(schemaText)) as avro.types.RecordType
      const atDefault = fields.filter((field) => {
        const value = (body as unknown as Record<string, unknown>)[field.name]
        return JSON.stringify(value) === JSON.stringify(field.defaultValue())
      })
      expect(atDefault.map((field) => field.name)).toEqual([])
    },
  )
})
