import { type DestinationStream, type Logger, pino } from 'pino'
import { KalamError, messageOf } from '../../dataflow/error.ts'
import type { LogEvent, LogEventKind } from '../../dataflow/log-events.ts'
import type { WaitEvent } from '../translate/calls/retried.ts'
import { groupLabels } from './group-labels.ts'

/** Levels of log lines, from the most to the least that is told. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
/** One of logLevels. */
export type LogLevel = (typeof logLevels)[number]

/** The level of a name; KalamError usage for a name that is none. */
export const logLevelOf = (name: string | undefined): LogLevel => {
  if (name === undefined || name === '') return 'info'
  const level = logLevels.find((known) => known === name.toLowerCase())
  if (level) return level
  throw new KalamError('usage', `reading KALAM_LOG_LEVEL: there is no level ${JSON.stringify(name)}`, {
    hint: `Levels are ${logLevels.join(', ')}.`,
  })
}

/** JSON lines with level, ISO time, message and these fields in every one. */
export const workerLogger = (level: LogLevel, fields: Record<string, unknown>, to: DestinationStream): Logger =>
  pino(
    {
      level,
      base: fields,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    to,
  )

/** What an error says, as fields of a log line. */
export const errorFields = (thrown: unknown): Record<string, unknown> =>
  thrown instanceof KalamError
    ? { code: thrown.code, ...(thrown.hint !== undefined && { hint: thrown.hint }), ...groupFields(thrown.details) }
    : { code: 'internal', ...(thrown instanceof Error && { stack: thrown.stack }) }

/** Logs an error with its code and what to do about it. */
export const logError = (logger: Logger, thrown: unknown): void => logger.fatal(errorFields(thrown), messageOf(thrown))

const groupFields = ({ group, partition }: Record<string, unknown>): Record<string, unknown> => ({
  ...(typeof group === 'string' && lineFields(group)),
  ...(typeof partition === 'number' && { partition }),
})

const lineFields = (group: string): Record<string, unknown> => {
  if (group === '') return {}
  const { stage, line, generation } = groupLabels(group)
  return { stage, line, ...(generation !== '' && { generation: Number(generation) }) }
}

const levels: Record<LogEventKind, 'info' | 'warn' | 'error'> = {
  joined: 'info',
  rebalanced: 'info',
  recovered_position: 'warn',
  lost_partitions: 'warn',
  transaction_failed: 'warn',
  fenced: 'warn',
  waiting: 'warn',
  stalled: 'error',
}

/** The same wait is told once in this time, further ones at the level debug. */
const waitQuietMs = 30_000

/** Log lines for what happens besides the work; `now` is in milliseconds. */
export const eventLines = (logger: Logger, now: () => number) => {
  const told = new Map<string, number>()
  const isNew = (key: string): boolean => {
    const before = told.get(key)
    if (before !== undefined && now() - before < waitQuietMs) return false
    told.set(key, now())
    return true
  }
  return {
    logEvent(event: LogEvent): void {
      const { kind, group, partitions, reason, message } = event
      const isQuiet = kind === 'waiting' && !isNew(`log ${group} ${reason}`)
      const fields = {
        event: kind,
        ...lineFields(group),
        ...(partitions?.length === 1 ? { partition: partitions[0] } : partitions && { partitions }),
        ...(reason !== undefined && { reason }),
      }
      logger[isQuiet ? 'debug' : levels[kind]](fields, message ?? `${group || 'log'}: ${kind.replaceAll('_', ' ')}`)
    },
    translatorWait({ line, reason, message, waitMs }: WaitEvent & { line: string }): void {
      const fields = { event: 'waiting', stage: 'translate', line, reason, wait_ms: Math.round(waitMs) }
      logger[isNew(`translate ${line} ${reason}`) ? 'warn' : 'debug'](fields, message)
    },
    translatorNotice({ line, message }: { line: string; message: string }): void {
      logger.warn({ event: 'odd_answer', stage: 'translate', line }, message)
    },
    warehouseAway(message: string): void {
      const fields = { event: 'waiting', stage: 'land', reason: 'warehouse_unavailable' }
      logger[isNew('land') ? 'warn' : 'debug'](fields, message)
    },
  }
}
