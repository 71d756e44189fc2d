import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ConfluentRegistryOptions, confluentRegistry } from '../../../dataflow/kafka/confluent-registry.ts'
import type { LogEvent } from '../../../dataflow/log-events.ts'
import { freshName } from '../../contract/log/bench.ts'
import { describeRegistry } from '../../kafka/describe-kafka.ts'
import { type Registry, startRegistry } from '../../kafka/start-registry.ts'
import { until } from './copying.ts'

const events: LogEvent[] = []
const opened = (url: string, options: Partial<ConfluentRegistryOptions> = {}) =>
  confluentRegistry({
    ...{ url, mayRegister: true, giveUpMs: 60_000, onEvent: (event) => events.push(event) },
    ...options,
  })
const record = (...fields: object[]) =>
  JSON.stringify({
    ...{ type: 'record', name: 'Message', namespace: 'test' },
    fields: [{ name: 'id', type: 'string' }, ...fields],
  })
const count = { name: 'count', type: 'int', default: 0 }
afterEach(() => {
  events.length = 0
})

describeRegistry('a registry with the Confluent API', () => {
  let registry: Registry
  beforeAll(async () => {
    registry = await startRegistry()
  })
  afterAll(() => registry?.stop())

  it('gives a schema the same id again, and its text', async () => {
    const subject = freshName('subject')
    const id = await opened(registry.url).register(subject, record(count))
    expect(await opened(registry.url).register(subject, record(count))).toBe(id)
    expect(await opened(registry.url, { mayRegister: false }).register(subject, record(count))).toBe(id)
    expect(JSON.parse(await opened(registry.url).schemaText(id))).toMatchObject({
      name: expect.stringMatching(/Message$/),
      fields: [{ name: 'id' }, { name: 'count', default: 0 }],
    })
  })

  it('refuses what makes older records unreadable, and says what differs', async () => {
    const subject = freshName('subject')
    await opened(registry.url).register(subject, record())
    await expect(opened(registry.url).register(subject, record({ name: 'must', type: 'int' }))).rejects.toMatchObject({
      code: 'settings_changed',
      message: expect.stringContaining('must is new and has no default'),
    })
    await opened(registry.url).register(subject, record(count))
  })

  it('tells that a schema is missing where nothing may be registered', async () => {
    const reading = opened(registry.url, { mayRegister: false })
    const missing = { code: 'topics_missing', hint: expect.stringContaining('kalam topics create') }
    await expect(reading.register(freshName('subject'), record())).rejects.toMatchObject(missing)
    const subject = freshName('subject')
    await opened(registry.url).register(subject, record())
    await expect(reading.register(subject, record(count))).rejects.toMatchObject(missing)
  })

  it('makes a record undecodable whose id it does not know', async () => {
    await expect(opened(registry.url).schemaText(987_654)).rejects.toMatchObject({
      code: 'undecodable',
      message: expect.stringContaining('987654'),
    })
  })

  it('is waited for when it was killed', async () => {
    const subject = freshName('subject')
    const id = await opened(registry.url).register(subject, record())
    await registry.kill()
    const asked = opened(registry.url).register(subject, record())
    await until(() => events.length > 0)
    expect(events[0]).toMatchObject({
      ...{ kind: 'waiting', reason: 'registry_away' },
      message: expect.stringContaining(registry.url),
    })
    await registry.start()
    expect(await asked).toBe(id)
  })

  it('is waited for when it hangs', async () => {
    const subject = freshName('subject')
    const id = await opened(registry.url).register(subject, record())
    registry.pause()
    const asked = opened(registry.url).register(subject, record())
    await until(() => events.length > 0)
    registry.resume()
    expect(await asked).toBe(id)
    expect(events.map(({ kind }) => kind)).toEqual(['waiting'])
  })
})

describe('a registry that answers with errors', () => {
  /** Answers with these in turn, the last one again and again. */
  const serving = async (...answers: [status: number, body: object | string][]) => {
    const asked: { url: string; authorization: string | undefined }[] = []
    const server = createServer(({ url = '', headers }, response) => {
      const [status, body] = answers.length > 1 ? answers.shift()! : answers[0]!
      asked.push({ url, authorization: headers.authorization })
      // A proxy in front of it answers with a page, or with nothing.
      if (typeof body === 'string') response.writeHead(status).end(body)
      else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => server.close())
    return { port: (server.address() as AddressInfo).port, asked }
  }
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })
  const overloaded: [number, object] = [503, { message: 'overloaded' }]
  const schema: [number, object] = [200, { schema: record() }]

  it('is asked again after a 503', async () => {
    const { port } = await serving(overloaded, overloaded, schema)
    const text = await opened(`http://127.0.0.1:${port}`).schemaText(7)
    expect(JSON.parse(text)).toMatchObject({ fields: [{ name: 'id' }] })
    expect(events).toHaveLength(1)
  })

  it('is asked again after a proxy answered in its place', async () => {
    const { port } = await serving([503, ''], [502, '<html>Bad gateway</html>'], schema)
    const text = await opened(`http://127.0.0.1:${port}`).schemaText(7)
    expect(JSON.parse(text)).toMatchObject({ fields: [{ name: 'id' }] })
  })

  it('is given up after a time, with what it said and no password', async () => {
    const { port, asked } = await serving(overloaded)
    const failed = await opened(`http://me:s3cret@127.0.0.1:${port}`, { giveUpMs: 200 })
      .schemaText(7)
      .catch((thrown) => thrown)
    expect(failed).toMatchObject({ code: 'log_unavailable', retryable: true })
    expect(failed.message).toMatch(/overloaded|503/)
    expect(`${failed.message} ${failed.hint}`).not.toContain('s3cret')
    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from('me:s3cret').toString('base64')}`)
  })

  it.each([401, 403])(
    'that says %i is not waited for',
    async (status) => {
      const { port } = await serving([status, { error_code: status, message: 'User not allowed' }])
      await expect(opened(`http://127.0.0.1:${port}`).schemaText(7)).rejects.toMatchObject({
        code: 'log_unavailable',
        message: expect.stringContaining('refuses'),
        hint: expect.stringContaining('user'),
      })
    },
    20_000,
  )

  const page: [number, string] = [404, '<html>Not found</html>']
  const lost: [number, object] = [404, { error_code: 404, message: 'HTTP 404 Not Found' }]
  const greeted: [number, string] = [200, '<html>Hello</html>']

  it.each([page, lost, greeted])(
    'is waited for while something else answers in its place (%i %j): no record is undecodable for that',
    async (status, body) => {
      // Each answer but the last is followed by a look whether a registry is there.
      const wrong: [number, object | string] = [status, body]
      const { port } = await serving(wrong, wrong, wrong, wrong, schema)
      const text = await opened(`http://127.0.0.1:${port}`).schemaText(7)
      expect(JSON.parse(text)).toMatchObject({ fields: [{ name: 'id' }] })
      expect(events[0]?.message).toContain('is no schema registry')
    },
  )

  it.each([page, lost, greeted])('at a wrong address (%i %j) says what the address is', async (...wrong) => {
    const { port } = await serving(wrong)
    for (const mayRegister of [true, false]) {
      const registry = opened(`http://127.0.0.1:${port}/wrong`, { mayRegister, giveUpMs: 300 })
      await expect(registry.register('messages-value', record())).rejects.toMatchObject({
        ...{ code: 'log_unavailable', retryable: true },
        hint: expect.stringContaining('log.kafka.registry'),
      })
    }
  })

  it('makes a record undecodable whose schema is not Avro', async () => {
    const { port } = await serving(
      [200, { schemaType: 'JSON', schema: '{"type":"object"}' }],
      [200, { compatibilityLevel: 'NONE' }],
    )
    await expect(opened(`http://127.0.0.1:${port}`).schemaText(7)).rejects.toMatchObject({ code: 'undecodable' })
  })

  const unwanted: [string, [number, object][]] = [
    'Compatibility does not match',
    [[200, { compatibilityLevel: 'BACKWARD' }]],
  ]
  const invalid: [string, [number, object][]] = [
    'Invalid schema',
    [
      [200, { compatibilityLevel: 'FULL_TRANSITIVE' }],
      [422, { error_code: 42201, message: 'Invalid schema' }],
      [200, { compatibilityLevel: 'FULL_TRANSITIVE' }],
    ],
  ]

  it.each([unwanted, invalid])(
    'says what the subject has to be like where its own rules refuse it: %s',
    async (says, answers) => {
      const { port } = await serving(...answers)
      const said = await opened(`http://127.0.0.1:${port}`)
        .register('kalam.Message', record())
        .catch((thrown) => thrown)
      expect(said).toMatchObject({
        ...{ name: 'KalamError', code: 'log_unavailable', retryable: false },
        message: expect.stringMatching(new RegExp(`^registering kalam.Message: .*${says}`)),
        hint: expect.stringContaining('FULL_TRANSITIVE'),
      })
    },
  )
})
