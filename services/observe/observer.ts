import type { Logger } from 'pino'
import type { KalamError } from '../../dataflow/error.ts'
import type { Log } from '../../dataflow/log.ts'
import type { LogEvent } from '../../dataflow/log-events.ts'
import { meteredLog } from '../../dataflow/metered-log.ts'
import { type Activities, type ActivityBook, activityBook } from '../../dataflow/task-activity.ts'
import type { StageLine } from '../flow.ts'
import { type LinePosition, linePosition } from '../line-positions.ts'
import { currentPositions } from './current-positions.ts'
import { type ExplainedWaits, explainedWaits, type WaitingFor } from './explained-waits.ts'
import { groupLabels } from './group-labels.ts'
import type { Health, HttpOptions } from './http-server.ts'
import { eventLines } from './logger.ts'
import { type BackendActivity, meteredTranslator } from './metered-translator.ts'
import { meteredWarehouse, type WarehouseActivity } from './metered-warehouse.ts'
import { type ProcessMetrics, processMetrics } from './metrics.ts'
import type { Observers } from './observers.ts'
import { readiness } from './readiness.ts'
import { type Watchdog, watchdog } from './watchdog.ts'

/** A scrape waits this long for positions; Prometheus gives all of it up after 10 s. */
const answerMs = 2000
/** Positions are asked for at most this often, however many scrapes there are. */
const quietMs = 5000

/** How a process is watched. */
export interface WatchOptions {
  stallMs: number
  onStall(error: KalamError): void
  /** Groups besides those of the lines that the process is to be a member of: ingest's. */
  otherGroups?: readonly string[]
}

/** Everything that one process shows of itself. */
export interface Observer extends Observers, Pick<HttpOptions, 'health' | 'ready' | 'metrics'> {
  readonly activities: Activities
  readonly waits: ExplainedWaits
  readonly watchdog: Watchdog | undefined
  /**
   * From now on the tasks of this process are watched, and the lines that are to run are told about: `lines` gives them as
   * they are at the moment, without those that stand still.
   */
  watch(log: Log, lines: () => readonly StageLine[], options: WatchOptions): void
  /** From now on the process is not ready any more. */
  stopping(): void
}

/** Makes the observer of a process; `now` is a clock in milliseconds that never jumps. */
export const observer = (options: { version: string; logger: Logger; now(): number }): Observer => {
  const { version, now, logger } = options
  const backends = new Map<string, BackendActivity>()
  const warehouse: WarehouseActivity = { rows: new Map(), failures: new Map() }
  const waits = explainedWaits()
  const lines = eventLines(logger, now)
  const book = activityBook(now, (activity, ms) => metrics.committed(activity, ms))
  let positions: () => Promise<LinePosition[]> = async () => []
  let members = (): readonly string[] => []
  const isToRun = (group: string) => members().includes(group)
  const sources = { version, activities: book, backends, warehouse, positions: () => positions(), isToRun }
  const metrics: ProcessMetrics = processMetrics(sources)
  let dog: Watchdog | undefined
  let ready = async (): Promise<Health> => ({ ok: false, reason: 'starting' })
  return {
    ...wrappers({ book, backends, warehouse, waits, metrics, lines }),
    activities: book,
    waits,
    get watchdog() {
      return dog
    },
    watch(log, lines, { stallMs, onStall, otherGroups = [] }) {
      const read = (line: StageLine) => linePosition(log, line)
      positions = currentPositions({ lines, read, now, answerMs, quietMs })
      members = () => [...lines().map(({ group }) => group), ...otherGroups]
      ready = readiness(log, book, members)
      // Also tasks of a line that is being left: one that hangs keeps its process from all other lines.
      const isWatched = (group: string) => !otherGroups.includes(group)
      dog = watchdog({ activities: book, waits, isWatched, stallMs, hasRecords: hasRecordsIn(log), onStall })
      dog.start()
    },
    stopping() {
      ready = async () => ({ ok: false, reason: 'stopping' })
    },
    health() {
      const stalled = dog?.stalled
      return stalled ? { ok: false, reason: stalled.code, message: stalled.message } : { ok: true }
    },
    ready: () => ready(),
    metrics: async () => ({ type: metrics.registry.contentType, text: await metrics.registry.metrics() }),
  }
}

const wrappers = (parts: {
  book: ActivityBook
  backends: Map<string, BackendActivity>
  warehouse: WarehouseActivity
  waits: ExplainedWaits
  metrics: ProcessMetrics
  lines: ReturnType<typeof eventLines>
}): Observers => {
  const { book, backends, warehouse, waits, metrics, lines } = parts
  const { now } = book
  const { called, inserted } = metrics
  const onAway = (message: string) => {
    waits.explain({ stage: 'land' }, now())
    lines.warehouseAway(message)
  }
  return {
    log: (log) => meteredLog(log, book),
    backend: (translator, about) => meteredTranslator(translator, about, { backends, waits, now, called }),
    warehouse: (opened) => meteredWarehouse(opened, { warehouse, now, inserted, onAway }),
    onEvent(event) {
      metrics.logEvent(event)
      if (event.kind !== 'stalled') waits.explain(whom(event.group), now() + (event.waitMs ?? expectedMs(event)))
      lines.logEvent(event)
    },
    onWait(wait) {
      metrics.waited(wait.line, wait.reason)
      waits.explain({ stage: 'translate', line: wait.line }, now() + wait.waitMs)
      lines.translatorWait(wait)
    },
    onNotice: lines.translatorNotice,
  }
}

/** An event of a wait comes again within a minute while it lasts. */
const expectedMs = ({ kind }: LogEvent): number => (kind === 'waiting' ? 60_000 : 0)

const whom = (group: string): WaitingFor => {
  if (group === '') return {}
  const { stage, line } = groupLabels(group)
  return { stage, line }
}

const hasRecordsIn =
  (log: Log) =>
  async (topic: string, partition: number, from: number): Promise<boolean> => {
    for await (const records of log.scan(topic, partition, from)) if (records.length > 0) return true
    return false
  }
