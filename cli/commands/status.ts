import { statfs } from 'node:fs/promises'
import { linesOf } from '../../services/generations.ts'
import { readCheckpoints } from '../../services/ingest/read-checkpoints.ts'
import { pauseOf } from '../../services/pauses.ts'
import { linePositions, oldestOf, sumOf } from '../display/line-positions.ts'
import { type LineStatus, type PipelineStatus, statusText } from '../display/status-text.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

/** `kalam status`: how far every line is, in records and in time. */
export const status = async (workspace: Workspace, json: boolean, io: Io): Promise<number> => {
  const found = await pipelineStatus(workspace)
  io.out(json ? `${JSON.stringify(found)}\n` : statusText(found, io.columns))
  return 0
}

/** The translator lines of pipeline.yaml that pause. */
export const pausedLines = ({ config, control }: Workspace): { line: string; state: string }[] =>
  linesOf(config).flatMap(({ stage, line }) => {
    const state = stage === 'translate' ? pauseOf(control, line) : undefined
    return state === undefined ? [] : [{ line, state }]
  })

const pipelineStatus = async (workspace: Workspace): Promise<PipelineStatus> => {
  const { log, codec, topics, stages, config, memory, stateFolder, warehouse } = workspace
  const now = Date.now()
  const lines = (await linePositions(log, stages)).map((line): LineStatus => {
    const { committed, end } = sumOf(line)
    const oldest = oldestOf(line)
    const { stage, line: name, unit, generation } = line
    const state = line.standsStill ?? line.state
    const ageSeconds = oldest === null ? null : Math.max(0, (now - oldest) / 1000)
    return {
      stage,
      line: name,
      unit,
      generation,
      state,
      committed,
      end,
      waiting: Math.max(0, end - committed),
      ageSeconds,
    }
  })
  const checkpoints = await readCheckpoints(log, codec, topics)
  const { bavail, bsize } = await statfs(stateFolder)
  const [failed] = await warehouse.query<{ n: number }>("SELECT count() AS n FROM v_chunks WHERE status = 'failed'")
  const [lastRun] = await warehouse.query<{ startedAt: string; endedAt: string | null; outcome: string }>(
    'SELECT toString(started_at) AS startedAt, toString(ended_at) AS endedAt, outcome FROM v_runs ORDER BY started_at DESC LIMIT 1',
  )
  return {
    pipeline: config.pipeline,
    at: new Date(now).toISOString(),
    partitions: config.partitions,
    lastRun: lastRun ?? null,
    running: workspace.isRunning,
    lines,
    notRun: workspace.notRun.map(({ why }) => why),
    pauses: pausedLines(workspace),
    files: [...checkpoints.files.values()],
    deadLetters: (await log.ends(topics.deadLetters)).reduce((sum, end) => sum + end, 0),
    failedChunks: failed?.n ?? 0,
    memory: memory.count(),
    freeGiB: (bavail * bsize) / 2 ** 30,
  }
}
