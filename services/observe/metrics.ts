import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { LogEvent } from '../../dataflow/log-events.ts'
import type { Activities, TaskActivity } from '../../dataflow/task-activity.ts'
import { type LinePosition, oldestOf, sumOf } from '../line-positions.ts'
import { groupLabels } from './group-labels.ts'
import type { BackendActivity } from './metered-translator.ts'
import type { WarehouseActivity } from './metered-warehouse.ts'
import { type MetricInfo, metricList } from './metric-list.ts'

/** What metrics are read from; all of it is looked at when they are asked for. */
export interface MetricSources {
  version: string
  activities: Activities
  backends: ReadonlyMap<string, BackendActivity>
  warehouse: WarehouseActivity
  /** The lines of this process that are to run, and how far they are; never rejects. */
  positions(): Promise<LinePosition[]>
  /** Whether this process is to be in a group now; gauges of groups that it left are dropped. */
  isToRun(group: string): boolean
}

/** The metrics of a process. */
export interface ProcessMetrics {
  readonly registry: Registry
  logEvent(event: LogEvent): void
  waited(translator: string, reason: string): void
  committed(activity: TaskActivity, ms: number): void
  called(translator: string, ms: number): void
  inserted(ms: number): void
}

type Labels = Record<string, string>
type Values = Iterable<readonly [labels: Labels, value: number]>

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

/** The metrics of a process with a registry of its own, the default ones of Node besides. */
export const processMetrics = (sources: MetricSources): ProcessMetrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const read = (info: MetricInfo, values: () => Values | Promise<Values>) => readWhenAsked(registry, info, values)
  read(metricList.info, () => [[{ version: sources.version }, 1]])
  addTaskMetrics(read, sources)
  addPositionMetrics(read, sources)
  addTranslatorMetrics(read, sources.backends)
  read(metricList.rowsLanded, () => counted('table', sources.warehouse.rows))
  read(metricList.insertFailures, () => counted('reason', sources.warehouse.failures))
  const commitTime = histogram(registry, metricList.commitTime)
  const callTime = histogram(registry, metricList.callTime)
  const insertTime = histogram(registry, metricList.insertTime)
  const events = new Counter({ ...named(metricList.logEvents), registers: [registry] })
  const waits = new Counter({ ...named(metricList.waits), registers: [registry] })
  return {
    registry,
    logEvent: ({ kind, group }) => events.inc({ kind, ...groupLabels(group) }),
    waited: (translator, reason) => waits.inc({ translator, reason }),
    committed: ({ group }, ms) => commitTime.observe({ ...groupLabels(group) }, ms / 1000),
    called: (translator, ms) => callTime.observe({ translator }, ms / 1000),
    inserted: (ms) => insertTime.observe(ms / 1000),
  }
}

type Read = (info: MetricInfo, values: () => Values | Promise<Values>) => void

const named = ({ name, help, labels }: MetricInfo) => ({ name, help, labelNames: [...labels] })

const histogram = (registry: Registry, info: MetricInfo): Histogram =>
  new Histogram({ ...named(info), buckets: seconds, registers: [registry] })

/** A metric whose values are read where they are kept, each time it is asked for. */
const readWhenAsked = (registry: Registry, info: MetricInfo, values: () => Values | Promise<Values>): void => {
  const options = { ...named(info), registers: [registry] }
  const fill = async (metric: { reset(): void }, add: (labels: Labels, value: number) => void) => {
    const found = await values()
    metric.reset()
    for (const [labels, value] of found) add(labels, value)
  }
  if (info.kind === 'counter') {
    const counter: Counter = new Counter({
      ...options,
      collect: () => fill(counter, (labels, value) => counter.inc(labels, value)),
    })
  } else {
    const gauge: Gauge = new Gauge({
      ...options,
      collect: () => fill(gauge, (labels, value) => gauge.inc(labels, value)),
    })
  }
}

const addTaskMetrics = (read: Read, { activities, isToRun }: MetricSources): void => {
  const { tasks, groups, writtenTo, now } = activities
  const each = (of: (task: TaskActivity) => number, only: (task: TaskActivity) => boolean = () => true): Values =>
    [...tasks.values()].filter(only).map((task) => [taskLabels(task), of(task)])
  const isTask = ({ partition }: TaskActivity) => partition !== undefined
  const isPresent = (group: string) => isToRun(group) || groups.get(group)?.joined === true
  const isCurrent = ({ group, running }: TaskActivity) => running || isPresent(group)
  read(metricList.recordsRead, () => each(({ recordsRead }) => recordsRead, isTask))
  read(metricList.bytesRead, () => each(({ bytesRead }) => bytesRead, isTask))
  read(metricList.recordsWritten, () => each(({ recordsWritten }) => recordsWritten))
  read(metricList.bytesWritten, () => each(({ bytesWritten }) => bytesWritten))
  read(metricList.commits, () => each(({ commits }) => commits))
  read(metricList.failures, () => each(({ failures }) => failures, isTask))
  read(metricList.lastProgress, () => each(({ progressMs }) => (Date.now() - (now() - progressMs)) / 1000, isCurrent))
  const inWindow = ({ window }: TaskActivity) => window !== undefined
  read(metricList.windowUnits, () => each(({ window }) => window?.size ?? 0, inWindow))
  read(metricList.windowBytes, () => each(({ window }) => window?.bytes ?? 0, inWindow))
  read(metricList.tasksRunning, () =>
    [...groups.keys()].filter(isPresent).map((group) => {
      const running = [...tasks.values()].filter((task) => task.group === group && task.running)
      return [{ ...groupLabels(group) }, running.length]
    }),
  )
  read(metricList.deadLetters, () => [
    [{}, [...writtenTo].reduce((sum, [topic, records]) => sum + (topic.endsWith('.dead_letters') ? records : 0), 0)],
  ])
}

const taskLabels = ({ group, partition }: TaskActivity): Labels => ({
  ...groupLabels(group),
  partition: partition === undefined ? '' : String(partition),
})

const addPositionMetrics = (read: Read, sources: Pick<MetricSources, 'positions'>): void => {
  const each = async (of: (line: LinePosition) => number): Promise<Values> =>
    (await sources.positions()).map((line) => [{ ...groupLabels(line.group) }, of(line)])
  read(metricList.waitingRecords, () =>
    each((line) => {
      const { committed, end } = sumOf(line)
      return Math.max(0, end - committed)
    }),
  )
  read(metricList.waitingAge, () =>
    each((line) => {
      const oldest = oldestOf(line)
      return oldest === null ? 0 : Math.max(0, (Date.now() - oldest) / 1000)
    }),
  )
}

const addTranslatorMetrics = (read: Read, backends: ReadonlyMap<string, BackendActivity>): void => {
  const each = (of: (backend: BackendActivity) => number): Values =>
    [...backends.values()].map((backend) => [{ translator: backend.translator }, of(backend)])
  const byKey = (label: string, of: (backend: BackendActivity) => ReadonlyMap<string, number>): Values =>
    [...backends.values()].flatMap((backend) =>
      counted(label, of(backend)).map(
        ([labels, value]) => [{ translator: backend.translator, ...labels }, value] as const,
      ),
    )
  read(metricList.calls, () => byKey('outcome', ({ calls }) => calls))
  read(metricList.retries, () => byKey('reason', ({ retries }) => retries))
  read(metricList.inFlight, () => each(({ inFlight }) => inFlight))
  read(metricList.slots, () => each(({ slots }) => slots))
  read(metricList.tokens, () =>
    [...backends.values()].flatMap(({ translator, promptTokens, completionTokens }) => [
      [{ translator, kind: 'prompt' }, promptTokens] as const,
      [{ translator, kind: 'completion' }, completionTokens] as const,
    ]),
  )
  read(metricList.spent, () => each(({ spentUsd }) => spentUsd))
}

const counted = (label: string, counts: ReadonlyMap<string, number>): (readonly [Labels, number])[] =>
  [...counts].map(([key, value]) => [{ [label]: key }, value])
