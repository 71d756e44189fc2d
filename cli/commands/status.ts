import { statfs } from 'node:fs/promises'
import type { Log } from '../../dataflow/log.ts'
import { linesOf } from '../../services/generations.ts'
import { readCheckpoints } from '../../services/ingest/read-checkpoints.ts'
import { linePositions, oldestOf, sumOf } from '../../services/line-positions.ts'
import { leastApartMs, rateMeter } from '../../services/line-rates.ts'
import { pauseOf } from '../../services/pauses.ts'
import { failedChunks } from '../../services/report/failed-chunks.ts'
import { type LineStatus, type PipelineStatus, statusText } from '../display/status-text.ts'
import type { Io } from '../io.ts'
import { watch, watchMs } from '../watch.ts'
import type { Workspace } from '../workspace.ts'

/** Options of `kalam status`. */
export interface StatusOptions {
  json: boolean
  watch: boolean
}

/** Beside a run the same process answers again and again: its readings are kept, so that rates are over half a minute. */
const meters = new WeakMap<Log, ReturnType<typeof rateMeter>>()

/** `kalam status`: how far every line is, in records and in time, once or again and again. */
export const status = async (workspace: Workspace, options: StatusOptions, io: Io): Promise<number> => {
  const isOn = workspace.isRunning || workspace.config.log !== 'embedded'
  const text = async () => {
    const found = await pipelineStatus(workspace, isOn)
    return options.json ? `${JSON.stringify(found)}\n` : statusText(found, io.columns)
  }
  if (options.watch && isOn && !io.again) return watch(text, watchMs, io)
  io.out(await text())
  if (!options.watch) return 0
  if (io.again) io.again(watchMs)
  else io.err('nothing runs here: there is nothing to watch\n')
  return 0
}

/** The translator lines of pipeline.yaml that pause. */
export const pausedLines = ({ config, control }: Workspace): { line: string; state: string }[] =>
  linesOf(config).flatMap(({ stage, line }) => {
    const state = stage === 'translate' ? pauseOf(control, line) : undefined
    return state === undefined ? [] : [{ line, state }]
  })

/** Positions and rates now; without an earlier reading it takes a second to have one. */
const measured = async ({ log, stages }: Workspace, isOn: boolean) => {
  const meter = meters.get(log) ?? rateMeter()
  meters.set(log, meter)
  if (isOn && !meter.hasEarlier(Date.now())) {
    meter.add(Date.now(), await linePositions(log, stages))
    await new Promise((resolve) => setTimeout(resolve, leastApartMs + 100))
  }
  const positions = await linePositions(log, stages)
  return { positions, rates: meter.add(Date.now(), positions) }
}

const pipelineStatus = async (workspace: Workspace, isOn: boolean): Promise<PipelineStatus> => {
  const { log, codec, topics, stages, config, memory, stateFolder, warehouse } = workspace
  const { positions, rates } = await measured(workspace, isOn)
  const now = Date.now()
  const members = await Promise.all(stages.map(async ({ group }) => (await log.members?.(group)) ?? null))
  const lines = positions.map((line, at): LineStatus => {
    const { committed, end } = sumOf(line)
    const oldest = oldestOf(line)
    const { stage, line: name, unit, group, generation } = line
    return {
      ...{ stage, line: name, unit, generation, committed, end },
      state: line.standsStill ?? line.state,
      members: members[at] ?? null,
      waiting: Math.max(0, end - committed),
      ageSeconds: oldest === null ? null : Math.max(0, (now - oldest) / 1000),
      ...(rates.get(group) ?? { perSecond: null, leftSeconds: null }),
    }
  })
  const checkpoints = await readCheckpoints(log, codec, topics)
  const { bavail, bsize } = await statfs(stateFolder)
  const failed = await failedChunks(warehouse, config)
  const [lastRun] = await warehouse.query<{ startedAt: string; endedAt: string | null; outcome: string }>(
    'SELECT toString(started_at) AS startedAt, toString(ended_at) AS endedAt, outcome FROM v_runs ORDER BY started_at DESC LIMIT 1',
  )
  return {
    pipeline: config.pipeline,
    at: new Date(now).toISOString(),
    log: config.log === 'embedded' ? 'embedded' : 'kafka',
    partitions: config.partitions,
    lastRun: lastRun ?? null,
    running: workspace.isRunning || members.some((count) => count !== null && count > 0),
    lines,
    notRun: workspace.notRun.map(({ why }) => why),
    pauses: pausedLines(workspace),
    files: [...checkpoints.files.values()],
    deadLetters: (await log.ends(topics.deadLetters)).reduce((sum, end) => sum + end, 0),
    failedChunks: failed.count,
    failedQuery: failed.query,
    memory: await memory.count(),
    freeGiB: (bavail * bsize) / 2 ** 30,
  }
}
