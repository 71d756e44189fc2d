import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeRegistry } from './describe-kafka.ts'
import { type Registry, serves, startRegistry } from './start-registry.ts'

const record = (...fields: object[]) =>
  JSON.stringify({
    type: 'record',
    name: 'Message',
    namespace: 'test',
    fields: [{ name: 'id', type: 'string' }, ...fields],
  })

describeRegistry('a schema registry of a test', () => {
  let registry: Registry
  beforeAll(async () => {
    registry = await startRegistry()
  })
  afterAll(() => registry?.stop())

  const client = () => new SchemaRegistry({ host: registry.url, retry: { retries: 0 } })
  const register = async (subject: string, schema: string) => {
    const options = { subject, compatibility: COMPATIBILITY.BACKWARD }
    return (await client().register({ type: SchemaType.AVRO, schema }, options)).id
  }

  it('gives a schema an id and serves it to others', async () => {
    const id = await register('served', record())
    expect(await register('served', record())).toBe(id)
    const bytes = await client().encode(id, { id: 'a/b/1' })
    expect(bytes.readInt32BE(1)).toBe(id)
    expect(await client().decode(bytes)).toEqual({ id: 'a/b/1' })
  })

  it('takes a new field with a default and refuses one without', async () => {
    await register('evolved', record())
    await register('evolved', record({ name: 'count', type: 'int', default: 0 }))
    const refused = register(
      'evolved',
      record({ name: 'count', type: 'int', default: 0 }, { name: 'must', type: 'int' }),
    )
    await expect(refused).rejects.toMatchObject({ status: 409 })
  })

  it('keeps what was registered just before it was killed', async () => {
    const id = await register('kept', record({ name: 'late', type: 'long', default: 0 }))
    await registry.kill()
    expect(await serves(registry.url)).toBe(false)
    await registry.start()
    const bytes = await client().encode(id, { id: 'x', late: 7 })
    expect(await client().decode(bytes)).toEqual({ id: 'x', late: 7 })
  })
})
