import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError, messageOf } from '../error.ts'
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

/** The error below wrappers of retries. */
export const causeOf = (thrown: unknown): KafkaError => {
  let error = thrown as KafkaError
  while (error?.cause instanceof Error) error = error.cause as KafkaError
  return error
}

const neverRetried = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
])

/** What kafkajs throws, as an error of no kind, when it asks a broker whose connection it is just making anew. */
const brokerLost = 'Broker not connected'

/** Whether the cluster may answer later: it is away, moving or starting. */
export const isTransient = (thrown: unknown): boolean => {
  if (thrown instanceof KalamError) return thrown.retryable
  const { name, type, retriable, message } = causeOf(thrown)
  if (type !== undefined && neverRetried.has(type)) return false
  if (message === brokerLost) return true
  if (name.startsWith('KafkaJSConnection') || name === 'KafkaJSRequestTimeoutError') return true
  if (name === 'KafkaJSBrokerNotFound' || name === 'KafkaJSNumberOfRetriesExceeded') return true
  if (name.startsWith('KafkaJSGroupCoordinator') || name.endsWith('MetadataNotLoaded')) return true
  if (name === 'KafkaJSLockTimeout' || name === 'KafkaJSAggregateError') return true
  return (type !== undefined && retriable === true) || type === 'NOT_COORDINATOR_FOR_GROUP'
}

/** A broker's refusal as an error that says what to do, or the error itself. */
export const explained = (thrown: unknown, doing: string): unknown => {
  if (thrown instanceof KalamError) return thrown
  const { type, name } = causeOf(thrown)
  if (type !== undefined && neverRetried.has(type)) {
    return new KalamError('log_unavailable', `${doing}: the brokers refuse it (${type})`, {
      hint: 'Give this user the rights that docs/deploy.md lists, or set KALAM_KAFKA_SASL_USERNAME and _PASSWORD.',
      cause: thrown,
    })
  }
  if (name?.startsWith('KafkaJSSASL')) {
    return new KalamError('log_unavailable', `${doing}: the brokers refuse the user (${messageOf(thrown)})`, {
      hint: 'Check KALAM_KAFKA_SASL_MECHANISM, KALAM_KAFKA_SASL_USERNAME and KALAM_KAFKA_SASL_PASSWORD.',
      cause: thrown,
    })
  }
  return thrown
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
          message: `${doing}: ${messageOf(thrown)}`,
        })
      }
      await sleep(waitMs, undefined, options.signal && { signal: options.signal }).catch(() => undefined)
    }
  }
}

const unavailable = (doing: string, cause: unknown): KalamError =>
  new KalamError('log_unavailable', `${doing}: ${messageOf(cause)}`, {
    retryable: true,
    hint: 'Check that the brokers in log.kafka.brokers run and can be reached from here.',
    cause,
  })
