import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import kafkajs, { type Kafka, type KafkaConfig, type RetryOptions, type SASLOptions } from 'kafkajs'
import { KalamError } from '../error.ts'
import { brokerSocket } from './broker-socket.ts'
import { retryEverywhere } from './kafkajs-internals.ts'
import { useSnappy } from './snappy-codec.ts'

/** How to reach a cluster. */
export interface ClusterSettings {
  brokers: string[]
  /** How long a member may give no sign of life. */
  sessionTimeoutMs: number
  /** Users and certificates: KALAM_KAFKA_SASL_MECHANISM, _USERNAME, _PASSWORD, KALAM_KAFKA_SSL, _SSL_CA, _SSL_CERT, _SSL_KEY. */
  env: Record<string, string | undefined>
}

/** After most commits the next transaction is refused for a few milliseconds: kafkajs' own 300 ms would be most of the time. */
const transactionRetry: RetryOptions = {
  initialRetryTime: 1,
  maxRetryTime: 500,
  retries: 25,
  multiplier: 2,
  factor: 0.2,
}

/** Members come back at once, and for as long as it takes. */
const memberRetry: RetryOptions = { initialRetryTime: 50, maxRetryTime: 1000, retries: 60 }

/** Who asks through such a client tries again as long as it takes, and tells what it waits for. */
const askingRetry: RetryOptions = { initialRetryTime: 50, maxRetryTime: 250, retries: 3 }

/** Clients of one cluster: for members of groups, for reading and asking, and for transactions. */
export const kafkaClients = (
  settings: ClusterSettings,
): { joining: Kafka; asking: Kafka; writing: Kafka; memberRetry: RetryOptions } => {
  useSnappy()
  const requestTimeout = Math.min(30_000, Math.max(5000, 2 * settings.sessionTimeoutMs))
  const common: KafkaConfig = {
    clientId: `kalam-${hostname()}-${process.pid}`,
    brokers: settings.brokers,
    connectionTimeout: Math.min(requestTimeout, 5000),
    requestTimeout,
    socketFactory: brokerSocket,
    // Everything that matters comes back as an error or an event.
    logLevel: kafkajs.logLevel.NOTHING,
    ...security(settings.env),
  }
  return {
    joining: new kafkajs.Kafka({ ...common, retry: memberRetry }),
    asking: new kafkajs.Kafka({ ...common, retry: askingRetry }),
    writing: retryEverywhere(new kafkajs.Kafka({ ...common, retry: transactionRetry }), transactionRetry),
    memberRetry,
  }
}

/** User and certificates from the environment. KalamError missing_setting names what lacks. */
export const security = (env: Record<string, string | undefined>): Pick<KafkaConfig, 'ssl' | 'sasl'> => {
  const sasl = saslOf(env)
  const ssl = sslOf(env)
  return { ...(ssl && { ssl }), ...(sasl && { sasl }) }
}

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

const saslOf = (env: Record<string, string | undefined>): SASLOptions | undefined => {
  const asked = env.KALAM_KAFKA_SASL_MECHANISM
  if (!asked) return undefined
  const mechanism = mechanisms.find((name) => name === asked.toLowerCase())
  if (!mechanism) {
    throw new KalamError('missing_setting', `reading KALAM_KAFKA_SASL_MECHANISM: ${asked} is not known`, {
      hint: `It may be ${mechanisms.join(', ')}.`,
    })
  }
  const needed = (name: string): string => {
    const value = env[name]
    if (value) return value
    throw new KalamError('missing_setting', `connecting with ${mechanism}: the variable ${name} is not set`, {
      hint: `Set ${name}, or leave KALAM_KAFKA_SASL_MECHANISM out for a cluster without users.`,
    })
  }
  const username = needed('KALAM_KAFKA_SASL_USERNAME')
  return { mechanism, username, password: needed('KALAM_KAFKA_SASL_PASSWORD') } as SASLOptions
}

const sslOf = (env: Record<string, string | undefined>): KafkaConfig['ssl'] => {
  const files = { ca: env.KALAM_KAFKA_SSL_CA, cert: env.KALAM_KAFKA_SSL_CERT, key: env.KALAM_KAFKA_SSL_KEY }
  const given = Object.entries(files).filter(([, file]) => file)
  const asked = env.KALAM_KAFKA_SSL ?? ''
  if (!['', 'true', 'false'].includes(asked)) {
    throw new KalamError('missing_setting', `reading KALAM_KAFKA_SSL: ${asked} is not known`, {
      hint: 'It may be true or false.',
    })
  }
  if (given.length === 0) return asked === 'true' ? true : undefined
  return Object.fromEntries(given.map(([name, file]) => [name, readCertificate(name, file!)]))
}

const readCertificate = (name: string, file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new KalamError('missing_file', `reading KALAM_KAFKA_SSL_${name.toUpperCase()}: there is no file ${file}`, {
      hint: 'Name a PEM file that this process may read.',
      cause,
    })
  }
}
