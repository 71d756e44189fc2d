import { describe, expect, it } from 'vitest'
import { KalamError } from '../../../dataflow/error.ts'
import type { LogEvent } from '../../../dataflow/log-events.ts'
import { eventLines, type LogLevel, logError, logLevelOf, workerLogger } from '../../../services/observe/logger.ts'

const bench = (level: LogLevel = 'info') => {
  const lines: Record<string, unknown>[] = []
  const clock = { ms: 0 }
  const logger = workerLogger(level, { pipeline: 'pipe' }, { write: (text) => void lines.push(JSON.parse(text)) })
  return { lines, clock, logger, events: eventLines(logger, () => clock.ms) }
}

describe('log lines', () => {
  it('have time, level, message, and stage, line, generation and partition as fields', () => {
    const { lines, events } = bench()
    const group = 'pipe.translate.gemma3.g2'
    events.logEvent({ kind: 'rebalanced', group, partitions: [0, 3] })
    events.logEvent({ kind: 'fenced', group, partitions: [3], reason: 'newer_owner', message: 'committing: fenced' })
    expect(lines).toEqual([
      {
        ...{ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), pipeline: 'pipe', event: 'rebalanced' },
        ...{ stage: 'translate', line: 'gemma3', generation: 2, partitions: [0, 3] },
        message: `${group}: rebalanced`,
      },
      {
        ...{ level: 'warn', time: expect.any(String), pipeline: 'pipe', event: 'fenced', reason: 'newer_owner' },
        ...{ stage: 'translate', line: 'gemma3', generation: 2, partition: 3, message: 'committing: fenced' },
      },
    ])
  })

  it('tell the same wait once in half a minute, and the others only to whoever debugs', () => {
    const waits = (level: LogLevel) => {
      const { lines, events, clock } = bench(level)
      const away: LogEvent = { kind: 'waiting', group: '', reason: 'broker_away', message: 'reading: no broker' }
      for (const ms of [0, 10_000, 29_000, 31_000]) {
        clock.ms = ms
        events.logEvent(away)
        events.translatorWait({ line: 'gemma3', reason: 'rate_limited', message: 'asked to wait', waitMs: 12.4 })
        events.warehouseAway('writing calls: refused')
      }
      return lines.map(({ level: at, stage, reason, wait_ms }) => `${at} ${stage ?? '-'} ${reason} ${wait_ms ?? '-'}`)
    }
    const once = ['warn - broker_away -', 'warn translate rate_limited 12', 'warn land warehouse_unavailable -']
    expect(waits('info')).toEqual([...once, ...once])
    expect(waits('debug').length).toBe(12)
  })

  it('tell what a translator does that it should not', () => {
    const { lines, events } = bench()
    events.translatorNotice({ line: 'mine', message: 'told a line that is no JSON object' })
    expect(lines).toMatchObject([
      {
        level: 'warn',
        event: 'odd_answer',
        stage: 'translate',
        line: 'mine',
        message: 'told a line that is no JSON object',
      },
    ])
  })

  it('of errors have the code and what to do, and where they were met', () => {
    const { lines, logger } = bench()
    const details = { group: 'pipe.land.scored.a.0f3a.g1', partition: 4, other: 1 }
    logError(logger, new KalamError('stalled', 'working: stuck', { hint: 'Start it anew.', details }))
    logError(logger, new TypeError('oh'))
    expect(lines[0]).toMatchObject({
      ...{ level: 'fatal', code: 'stalled', hint: 'Start it anew.', message: 'working: stuck' },
      ...{ stage: 'land', line: 'scored.a', generation: 1, partition: 4 },
    })
    expect(lines[1]).toMatchObject({ code: 'internal', message: 'oh', stack: expect.stringContaining('TypeError: oh') })
  })

  it('have the level that the setting names, and a wrong one is told', () => {
    expect([logLevelOf(undefined), logLevelOf(''), logLevelOf('DEBUG')]).toEqual(['info', 'info', 'debug'])
    expect(() => logLevelOf('loud')).toThrow('KALAM_LOG_LEVEL')
  })
})
