import { setTimeout as sleep } from 'node:timers/promises'
import { SchemaRegistry as Client, COMPATIBILITY, SchemaType } from '@kafkajs/confluent-schema-registry'
import { KalamError, messageOf } from '../error.ts'
import type { LogEvents } from '../log-events.ts'
import type { SchemaRegistry } from '../schema-registry.ts'
import { patiently } from './patience.ts'
import { schemaDifference } from './schema-difference.ts'

/** How a registry is used. */
export interface ConfluentRegistryOptions {
  /** Base URL of the Confluent API, as `http://registry:8080/apis/ccompat/v7`; it may hold a user and a password. */
  url: string
  /** Whether schemas that are not there are registered, or refused with `kalam topics create` as what to do. */
  mayRegister: boolean
  /** How long to wait for a registry that is away; for ever with Infinity. */
  giveUpMs: number
  onEvent?: LogEvents
}

const answerMs = 5000
const notFound = 404
const incompatible = 409
const unprocessable = 422
const notAllowed = new Set([401, 403])

/** A registry with the Confluent API. Subjects are FULL_TRANSITIVE: every release reads what every other one writes. */
export const confluentRegistry = ({
  url,
  mayRegister,
  giveUpMs,
  onEvent,
}: ConfluentRegistryOptions): SchemaRegistry => {
  const { host, auth } = addressOf(url)
  const client = new Client({ host, retry: { retries: 0 }, ...(auth && { auth }) })
  const asking: Asking = (doing, ask) =>
    patiently(doing, () => told(doing, ask, { host, auth }), { onEvent, giveUpMs, reason: 'registry_away' })

  const register = async (subject: string, schema: string): Promise<number> => {
    try {
      const options = { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE }
      return await asking(`registering ${subject}`, async () => {
        const { id } = await client.register({ type: SchemaType.AVRO, schema }, options)
        return demandId(id)
      })
    } catch (thrown) {
      if (thrown instanceof KalamError) throw thrown
      if (statusOf(thrown) === incompatible) throw await refused(subject, schema, thrown)
      throw refusedSubject(subject, host, thrown)
    }
  }
  const refused = async (subject: string, schema: string, cause: unknown): Promise<KalamError> => {
    const latest = await asking(`looking up ${subject}`, async () =>
      client.getSchema(await client.getLatestSchemaId(subject)),
    )
    const differences = schemaDifference(textOf(latest) ?? '{}', schema)
    return new KalamError(
      'settings_changed',
      `registering ${subject}: the registry refuses the schema, older records could not be read:\n  ${differences.join('\n  ')}`,
      { hint: 'Give new fields a default, keep the old ones, and name a changed meaning anew.', cause },
    )
  }
  const find = async (subject: string, schema: string): Promise<number> => {
    try {
      return await asking(`looking up ${subject}`, async () =>
        demandId(await client.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema })),
      )
    } catch (thrown) {
      if (!isAbsent(thrown)) throw thrown
      throw new KalamError(
        'topics_missing',
        `looking up ${subject}: the registry does not have this release's schema`,
        {
          hint: 'kalam topics create registers the schemas of this release and makes the topics.',
          cause: thrown,
        },
      )
    }
  }
  return {
    register: (subject, schema) => (mayRegister ? register(subject, schema) : find(subject, schema)),
    async schemaText(id) {
      const undecodable = (what: string, cause?: unknown) =>
        new KalamError('undecodable', `decoding a record: ${what}`, { cause })
      let found: unknown
      try {
        found = await asking(`looking up schema ${id}`, () => client.getSchema(id))
      } catch (thrown) {
        if (statusOf(thrown) === notFound) throw undecodable(`the registry has no schema ${id}`, thrown)
        if (isOfClient(thrown)) throw undecodable(`schema ${id} of the registry cannot be read`, thrown)
        throw thrown
      }
      const text = textOf(found)
      if (text === undefined) throw undecodable(`schema ${id} of the registry is none of Avro`)
      return text
    },
  }
}

/** Asks a registry, as long as it is worth it. */
type Asking = <Result>(doing: string, ask: () => Promise<Result>) => Promise<Result>

/** One answer of the registry. An error tells whether the registry has refused, or something stands in its place. */
const told = async <Result>(doing: string, ask: () => Promise<Result>, { host, auth }: Address): Promise<Result> => {
  try {
    return await answered(ask())
  } catch (thrown) {
    if (notAllowed.has(statusOf(thrown) ?? 0)) throw refusedUser(doing, host, thrown)
    if (!definite(thrown)) throw unavailable(doing, host, thrown)
    // A proxy that has lost its way also says "not found": records must not be called undecodable for that.
    throw (await isRegistry(host, auth)) ? thrown : noRegistry(doing, host, thrown)
  }
}

/** The client waits for ever for a registry that hangs. */
const answered = async <Result>(asked: Promise<Result>): Promise<Result> => {
  const late = new AbortController()
  const waited = sleep(answerMs, undefined, { signal: late.signal }).then(() => {
    throw new Error(`no answer in ${answerMs / 1000} s`)
  })
  waited.catch(() => undefined)
  try {
    return await Promise.race([asked, waited])
  } finally {
    late.abort()
  }
}

const statusOf = (thrown: unknown): number | undefined => (Object(thrown) as { status?: number }).status

/** An answer without one is a page of something else. */
const demandId = (id: unknown): number => {
  if (typeof id === 'number') return id
  throw new Error('the answer has no id of a schema')
}

/** Whether a schema registry answers at all: a proxy, or another path, has no such setting to tell. */
const isRegistry = async (host: string, auth: Auth | undefined): Promise<boolean> => {
  const basic = auth && Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
  const headers = basic === undefined ? {} : { authorization: `Basic ${basic}` }
  try {
    const response = await fetch(`${host}/config`, { headers, signal: AbortSignal.timeout(answerMs) })
    const said: unknown = await response.json()
    return notAllowed.has(response.status) || typeof Object(said).compatibilityLevel === 'string'
  } catch {
    return false
  }
}

/** The client wraps the 404 of a look-up by text and drops its status. */
const isAbsent = (thrown: unknown): boolean => (thrown as Error).name === 'ConfluentSchemaRegistryError'

/** Whether the registry has understood and refuses; anything else may be different later. */
const definite = (thrown: unknown): boolean =>
  thrown instanceof KalamError ||
  [notFound, incompatible, unprocessable].includes(statusOf(thrown) ?? 0) ||
  isOfClient(thrown)

/** What the client makes of an answer. */
const isOfClient = (thrown: unknown): boolean => (thrown as Error).name.startsWith('ConfluentSchemaRegistry')

const unavailable = (doing: string, host: string, cause: unknown): KalamError =>
  new KalamError(
    'log_unavailable',
    `${doing}: the registry at ${host} does not answer: ${messageOf(cause).slice(0, 200)}`,
    {
      retryable: true,
      hint: 'Check log.kafka.registry in pipeline.yaml; work goes on by itself when it is back.',
      cause,
    },
  )

const noRegistry = (doing: string, host: string, cause: unknown): KalamError =>
  new KalamError(
    'log_unavailable',
    `${doing}: what answers at ${host} is no schema registry: ${messageOf(cause).slice(0, 200)}`,
    {
      retryable: true,
      hint: 'log.kafka.registry in pipeline.yaml is the address of its Confluent API, as http://registry:8080/apis/ccompat/v7.',
      cause,
    },
  )

const refusedUser = (doing: string, host: string, cause: unknown): KalamError =>
  new KalamError('log_unavailable', `${doing}: the registry at ${host} refuses the user: ${messageOf(cause)}`, {
    hint: 'Check the user and password of the registry, and what that user may do there.',
    cause,
  })

/** By rules of its own: the schema itself is one that other registries take. */
const refusedSubject = (subject: string, host: string, cause: unknown): KalamError =>
  new KalamError(
    'log_unavailable',
    `registering ${subject}: the registry at ${host} refuses it: ${messageOf(cause).slice(0, 200)}`,
    {
      hint: `Look what the registry asks of ${subject}: its schemas are Avro and its compatibility is FULL_TRANSITIVE.`,
      cause,
    },
  )

type Auth = { username: string; password: string }

interface Address {
  host: string
  auth?: Auth | undefined
}

const addressOf = (url: string): Address => {
  const parsed = new URL(url)
  const { username, password } = parsed
  parsed.username = ''
  parsed.password = ''
  const host = parsed.toString().replace(/\/$/, '')
  return username === ''
    ? { host }
    : { host, auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) } }
}

/** The client gives a parsed type; with its attributes it keeps defaults. Types of other formats cannot tell a schema. */
const textOf = (schema: unknown): string | undefined => {
  const { schema: told } = schema as { schema?(options: object): unknown }
  return told && JSON.stringify(told.call(schema, { exportAttrs: true }))
}
