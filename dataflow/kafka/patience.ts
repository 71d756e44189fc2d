import { setTimeout as sleep } from 'node:timers/promises'
import { type ErrorCode, KalamError, messageOf } from '../error.ts'
import type { LogEvents } from '../log-events.ts'

/** What kafkajs throws carries these. */
export interface KafkaError extends Error {
  type?: string
  code?: string | number
  retriable?: boolean
  host?: string
  port?: number
  cause?: unknown
}

/** The error below wrappers of retries; of several at once, one that stays if there is one. */
export const causeOf = (thrown: unknown): KafkaError => {
  let error = thrown as KafkaError & { errors?: KafkaError[] }
  for (;;) {
    if (error?.cause instanceof Error) error = error.cause as KafkaError
    else if (error?.name === 'KafkaJSAggregateError' && error.errors?.length) error = worstOf(error.errors)
    else return error
  }
}

/** Of several topics that are to be made, one that is there already is no matter. */
const worstOf = (errors: KafkaError[]): KafkaError => {
  const others = errors.filter(({ type }) => type !== 'TOPIC_ALREADY_EXISTS')
  return others.find(({ retriable }) => retriable === false) ?? others[0] ?? errors[0]!
}

type Refusal = readonly [code: ErrorCode, fact: string, hint: string]

const wrongUser: Refusal = [
  'no_permission',
  'the brokers refuse the user',
  'Check KALAM_KAFKA_SASL_MECHANISM, KALAM_KAFKA_SASL_USERNAME and KALAM_KAFKA_SASL_PASSWORD.',
]
/** What brokers answer, again and again, until somebody changes a setting or a right. */
const refusals: Record<string, Refusal> = {
  SASL_AUTHENTICATION_FAILED: wrongUser,
  ILLEGAL_SASL_STATE: [
    'config_invalid',
    'the brokers know no users at this address, and KALAM_KAFKA_SASL_MECHANISM is set',
    'Leave KALAM_KAFKA_SASL_MECHANISM out, or name the port for users in log.kafka.brokers.',
  ],
  UNSUPPORTED_SASL_MECHANISM: [
    'config_invalid',
    'the brokers do not know the mechanism in KALAM_KAFKA_SASL_MECHANISM at this address',
    'Set it to one of their sasl.enabled.mechanisms, or name the port for it in log.kafka.brokers.',
  ],
}
const noRight: Refusal = [
  'no_permission',
  'the brokers refuse it',
  'Give this user the rights that docs/deploy.md lists, or set KALAM_KAFKA_SASL_USERNAME and _PASSWORD.',
]

const refusalOf = (type: string | undefined): Refusal | undefined =>
  type?.endsWith('_AUTHORIZATION_FAILED') ? noRight : refusals[type ?? '']

/** What kafkajs throws, as an error of no kind, when it asks a broker whose connection it is just making anew. */
const brokerLost = 'Broker not connected'

/** Whether the cluster may answer later: it is away, moving or starting. */
export const isTransient = (thrown: unknown): boolean => {
  if (thrown instanceof KalamError) return thrown.retryable
  const { name, type, retriable, message } = causeOf(thrown)
  if (type !== undefined && refusalOf(type)) return false
  if (message === brokerLost) return true
  if (name.startsWith('KafkaJSConnection') || name === 'KafkaJSRequestTimeoutError') return true
  if (name === 'KafkaJSBrokerNotFound' || name === 'KafkaJSNumberOfRetriesExceeded') return true
  if (name.startsWith('KafkaJSGroupCoordinator') || name.endsWith('MetadataNotLoaded')) return true
  if (name === 'KafkaJSLockTimeout') return true
  return (type !== undefined && retriable === true) || type === 'NOT_COORDINATOR_FOR_GROUP'
}

/** A broker's refusal as an error that says what to do, or the error itself. */
export const explained = (thrown: unknown, doing: string): unknown => {
  if (thrown instanceof KalamError) return thrown
  const { type, name } = causeOf(thrown)
  const told = name?.startsWith('KafkaJSSASL') ? wrongUser : refusalOf(type)
  if (told) {
    const [code, fact, hint] = told
    return new KalamError(code, `${doing}: ${fact} (${type ?? messageOf(thrown)})`, { hint, cause: thrown })
  }
  return name === 'KafkaJSGroupCoordinatorNotFound' ? unavailable(doing, thrown) : thrown
}

/** Trying again at once would only throw out who took over. */
const isFenced = (thrown: unknown): boolean => thrown instanceof KalamError && thrown.details.fenced === true

const firstWaitMs = 50
const longestWaitMs = 2000
const toldAgainMs = 30_000

/**
 * Tries until it works, as long as the cluster may come back and the signal is not aborted (then it rejects with the last
 * error). Without a signal it gives up after `giveUpMs` with KalamError log_unavailable.
 */
export const patiently = async <Result>(
  doing: string,
  attempt: () => Promise<Result>,
  options: {
    signal?: AbortSignal
    onEvent?: LogEvents | undefined
    group?: string
    giveUpMs?: number
    /** Why it waits, as the events tell it. */
    reason?: 'brokers_away' | 'registry_away'
  } = {},
): Promise<Result> => {
  const started = Date.now()
  let toldAt = Number.NEGATIVE_INFINITY
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(longestWaitMs, waitMs * 2)) {
    try {
      return await attempt()
    } catch (thrown) {
      if (options.signal?.aborted || isFenced(thrown) || !isTransient(thrown)) throw explained(thrown, doing)
      if (!options.signal && Date.now() - started > (options.giveUpMs ?? 30_000))
        throw thrown instanceof KalamError ? thrown : unavailable(doing, thrown)
      if (Date.now() - toldAt > toldAgainMs) {
        toldAt = Date.now()
        const { reason = 'brokers_away' } = options
        options.onEvent?.({
          kind: 'waiting',
          group: options.group ?? '',
          reason,
          message: `${doing}: ${factOf(thrown)}`,
        })
      }
      await sleep(waitMs, undefined, options.signal && { signal: options.signal }).catch(() => undefined)
    }
  }
}

const unavailable = (doing: string, cause: unknown): KalamError =>
  new KalamError('log_unavailable', `${doing}: ${factOf(cause)}`, {
    retryable: true,
    hint: 'Check that the brokers in log.kafka.brokers run and can be reached from here.',
    cause,
  })

/** kafkajs passes over why no broker names a coordinator: it may be starting, or the user may have no right to ask. */
const factOf = (thrown: unknown): string =>
  causeOf(thrown)?.name === 'KafkaJSGroupCoordinatorNotFound'
    ? 'no broker says which one keeps it: they are starting, or this user lacks the right Describe on the group or transactional id (docs/deploy.md)'
    : messageOf(thrown)
