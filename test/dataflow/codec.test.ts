import avro from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { avroCodec } from '../../dataflow/codec.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { LogRecord } from '../../dataflow/log.ts'
import type { SchemaRegistry } from '../../dataflow/schema-registry.ts'
import { type Message, type RecordName, type Records, schemaTexts } from '../../schemas/records.ts'
import { message } from './operators/placed-records.ts'

const names = Object.keys(schemaTexts) as RecordName[]

/** A registry that gives ids from 1000 on and knows some schemas of others. */
const registryOf = (others: Record<number, () => string> = {}): SchemaRegistry & { asked: number[] } => {
  const asked: number[] = []
  return {
    asked,
    register: async (subject) => 1000 + names.indexOf(subject.replace('kalam.', '') as RecordName),
    async schemaText(id) {
      asked.push(id)
      const text = others[id]
      if (text) return text()
      throw new KalamError('undecodable', `decoding a record: no schema ${id}`)
    },
  }
}

const recordOf = (value: Uint8Array): LogRecord => ({ offset: 0, key: 'k', value, headers: {}, timestamp: 0 })

/** Any body that the schema allows, as a plain object. */
const randomBody = <Name extends RecordName>(name: Name): Records[Name] => {
  const body: unknown = avro.Type.forSchema(JSON.parse(schemaTexts[name])).random()
  return JSON.parse(JSON.stringify(body), (_, value) => (value?.type === 'Buffer' ? Buffer.from(value.data) : value))
}

const undecodable = (text: string) =>
  expect.objectContaining({ code: 'undecodable', message: expect.stringContaining(text) })

/** Wire bytes of a body under a schema of somebody else. */
const foreignBytes = (id: number, schema: avro.Schema, body: unknown): Buffer => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(id, 1)
  return Buffer.concat([head, avro.Type.forSchema(schema).toBuffer(body)])
}

describe('the wire format', () => {
  it('is a zero byte, the id as four bytes, the Avro body', async () => {
    const codec = await avroCodec({ ...registryOf(), register: async () => 0x01020304 })
    const bytes = codec.encode('Message', {
      ...message('hi'),
      columns: { a: '1' },
      line: 3,
      chat_template_kwargs: '{}',
    })
    const text = (value: string) => [value.length * 2, ...Buffer.from(value)]
    expect([...bytes]).toEqual([
      ...[0, 1, 2, 3, 4],
      ...[...text('user'), ...text('hi'), ...text('s'), ...text('train'), ...text('0'), ...text('')],
      ...[6, 2, ...text('{}')],
      ...[2, ...text('a'), ...text('1'), 0],
    ])
  })

  it.each(names)('carries any %s there and back', async (name) => {
    const codec = await avroCodec(registryOf())
    for (let i = 0; i < 50; i++) {
      const body = randomBody(name)
      expect(codec.decode(name, codec.encode(name, body))).toEqual(body)
    }
  })

  it('carries bodies of many megabytes', async () => {
    const codec = await avroCodec(registryOf())
    for (const length of [2 ** 20 - 60, 2 ** 20, 2 ** 20 + 1, 9 * 2 ** 20]) {
      const body = message('ع'.repeat(length / 2))
      const bytes = codec.encode('Message', body)
      expect(bytes.length).toBeGreaterThan(length)
      expect(codec.decode('Message', bytes).content === body.content).toBe(true)
    }
  })

  it('gives bytes that later encodings do not change', async () => {
    const codec = await avroCodec(registryOf())
    const first = codec.encode('Message', message('first'))
    codec.encode('Message', message('other'))
    expect(codec.decode('Message', first).content).toBe('first')
  })
})

describe('decoding', () => {
  it('refuses what is cut off anywhere, or goes on', async () => {
    const codec = await avroCodec(registryOf())
    const bytes = codec.encode('Message', { ...message('some text'), columns: { a: '1', b: '2' } })
    for (let length = 0; length < bytes.length; length++) {
      expect(() => codec.decode('Message', bytes.subarray(0, length))).toThrow(undecodable('decoding a Message'))
    }
    expect(() => codec.decode('Message', Buffer.concat([bytes, Buffer.from([0, 1])]))).toThrow(
      undecodable('2 bytes too many'),
    )
  })

  it('refuses what is no wire format or another record', async () => {
    const codec = await avroCodec(registryOf())
    for (const text of ['', '{"role":"user"}', '\x01\0\0\x03\xeb']) {
      expect(() => codec.decode('Message', Buffer.from(text, 'latin1'))).toThrow(
        undecodable('no Avro record of a registry'),
      )
    }
  })

  it.each(names)('refuses a %s as any other record', async (name) => {
    const codec = await avroCodec(registryOf())
    const bytes = codec.encode(name, randomBody(name))
    for (const other of names) {
      if (other !== name) expect(() => codec.decode(other, bytes)).toThrow(undecodable(`decoding a ${other}`))
    }
  })

  it('gives only the fields that are wanted, of any writer, and refuses the rest all the same', async () => {
    const only = { role: 'user', target: 'نص', flags: [{ code: 'long', start: 1, length: 2, detail: 'd' }] }
    const others = { 7: () => JSON.stringify({ type: 'record', name: 'Scored', namespace: 'kalam', fields: [] }) }
    const codec = await avroCodec(registryOf(others))
    const part = codec.withOnly('Scored', ['role', 'target', 'flags'])
    for (let i = 0; i < 50; i++) {
      const bytes = codec.encode('Scored', { ...randomBody('Scored'), ...only })
      expect({ ...part.decode('Scored', bytes) }).toEqual(only)
      expect(() => part.decode('Scored', bytes.subarray(0, -1))).toThrow(undecodable('decoding a Scored: truncated'))
    }
    const message = randomBody('Message')
    expect(part.decode('Message', codec.encode('Message', message))).toEqual(message)
    const foreign = foreignBytes(7, JSON.parse(others[7]()), {})
    await part.prepare([recordOf(foreign)])
    expect({ ...part.decode('Scored', foreign) }).toEqual({ role: '', target: '', flags: [] })
  })

  it('refuses huge counts at once instead of believing them', async () => {
    const codec = await avroCodec(registryOf())
    const huge = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]
    const head = codec.encode('Message', message('x')).subarray(0, -1)
    const ranked = codec.encode('Ranked', {
      winner: null,
      why: '',
      margin: null,
      keep: false,
      pseudo: false,
      reasons: [],
      candidates: [],
    })
    for (const [name, bytes] of [
      ['Message', head],
      ['Ranked', ranked.subarray(0, -2)],
      ['Ranked', ranked.subarray(0, -1)],
    ] as const) {
      expect(() => codec.decode(name, Buffer.concat([bytes, Buffer.from(huge)]))).toThrow(undecodable('truncated'))
    }
  })

  it('of damaged bytes gives a record or undecodable, and nothing else', async () => {
    const codec = await avroCodec(registryOf())
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 })
    const outcomes = new Set<string>()
    fc.assert(
      fc.property(fc.constantFrom(...names), damage, fc.nat(3), (name, changes, cut) => {
        const bytes = Buffer.from(codec.encode(name, randomBody(name)))
        for (const [at, byte] of changes) bytes[5 + (at % (bytes.length - 5))] = byte
        try {
          codec.decode(name, bytes.subarray(0, bytes.length - cut))
          outcomes.add('record')
        } catch (thrown) {
          expect(thrown).toEqual(undecodable(`decoding a ${name}`))
          outcomes.add('undecodable')
        }
      }),
      { numRuns: 1000 },
    )
    expect([...outcomes].sort()).toEqual(['record', 'undecodable'])
  })
})

describe('schemas of other writers', () => {
  const older = {
    type: 'record',
    name: 'Message',
    namespace: 'kalam',
    fields: [
      { name: 'content', type: 'string' },
      { name: 'forgotten', type: { type: 'array', items: 'string' } },
      { name: 'role', type: 'string' },
    ],
  } satisfies avro.Schema

  it('are looked up once; fields they lack get their defaults, others are dropped', async () => {
    const registry = registryOf({ 7: () => JSON.stringify(older) })
    const codec = await avroCodec(registry)
    const bytes = foreignBytes(7, older, { content: 'old', forgotten: ['a', 'b'], role: 'tool' })
    await codec.prepare([recordOf(bytes), recordOf(bytes)])
    await codec.prepare([recordOf(bytes)])
    const expected: Message = { ...message('old'), role: 'tool', source: '', split: '', row: '' }
    expect(codec.decode('Message', bytes)).toEqual(expected)
    expect(registry.asked).toEqual([7])
  })

  it('that the registry does not have are undecodable, and not asked for again', async () => {
    const registry = registryOf()
    const codec = await avroCodec(registry)
    const bytes = foreignBytes(8, older, { content: '', forgotten: [], role: '' })
    expect(() => codec.decode('Message', bytes)).toThrow(undecodable('unknown schema 8'))
    await codec.prepare([recordOf(bytes)])
    await codec.prepare([recordOf(bytes)])
    expect(() => codec.decode('Message', bytes)).toThrow(undecodable('no schema 8'))
    expect(registry.asked).toEqual([8])
  })

  it.each([
    ['no JSON', '{', 'schema 9 is no Avro schema'],
    ['no schema', '{"type":"record"}', 'schema 9 is no Avro schema'],
    [
      'no such record',
      '{"type":"record","name":"Message","namespace":"kalam","fields":[{"name":"content","type":"int"}]}',
      'decoding a Message',
    ],
  ])('that are %s are undecodable', async (_, text, problem) => {
    const codec = await avroCodec(registryOf({ 9: () => text }))
    const bytes = foreignBytes(9, 'int', 1)
    await codec.prepare([recordOf(bytes)])
    expect(() => codec.decode('Message', bytes)).toThrow(undecodable(problem))
  })

  it.each([
    new KalamError('server_error', 'asking the registry: 503', { retryable: true }),
    new TypeError('fetch failed'),
  ])('are asked for again after the registry was away (%s)', async (problem) => {
    let away = true
    const registry = registryOf({
      7: () => {
        if (away) throw problem
        return JSON.stringify(older)
      },
    })
    const codec = await avroCodec(registry)
    const bytes = foreignBytes(7, older, { content: 'old', forgotten: [], role: '' })
    await expect(codec.prepare([recordOf(bytes)])).rejects.toBe(problem)
    away = false
    await codec.prepare([recordOf(bytes)])
    expect(codec.decode('Message', bytes).content).toBe('old')
  })

  it('of tombstones and foreign values are not asked for', async () => {
    const registry = registryOf()
    await (await avroCodec(registry)).prepare([
      recordOf(new Uint8Array()),
      recordOf(Buffer.from('text without a zero')),
    ])
    expect(registry.asked).toEqual([])
  })
})
