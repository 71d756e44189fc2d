import { createLogUpdate } from 'log-update'
import { visibleLine } from '../../core/report/visible-text.ts'
import { KalamError } from '../../dataflow/error.ts'
import { liveGenerations, topicOf } from '../../services/generations.ts'
import { linePositions, sumOf } from '../../services/line-positions.ts'
import { type Progress, progressMeter, slowestOf } from '../display/progress.ts'
import { progressLine, progressText } from '../display/progress-text.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

const redrawMs = 500
const plainEveryMs = 30_000

interface Ingested {
  rows: number
  bytes: number
  totalBytes: number
}

/** Shows how far every stage is: redrawn in place on a terminal, one line every 30 s elsewhere. */
export const progressDisplay = (workspace: Workspace, io: Io, started: number) => {
  const sources = new Map<string, Ingested>()
  const waits = recentWaits(Date.now)
  const read = progressReader(workspace, sources, started, waits)
  const draw = io.isTty && process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined
  const show = async (): Promise<void> => {
    const progress = await read().catch(refusal)
    if (!progress) return
    if (draw) {
      const width = process.stderr.columns ?? io.columns
      draw(progressText(progress, { width, colour: io.env.NO_COLOR === undefined || io.env.NO_COLOR === '' }))
    } else io.err(`${progressLine(progress)}\n`)
  }
  // The first reading is where rates start from.
  let showing: Promise<void> = read().then(() => undefined, refusal)
  let busy = false
  const timer = setInterval(
    () => {
      if (busy) return
      busy = true
      showing = showing.then(show).finally(() => {
        busy = false
      })
    },
    draw ? redrawMs : plainEveryMs,
  )
  return {
    ingested: (source: string, done: Ingested) => void sources.set(source, done),
    /** Told why a translator waits; where nothing is redrawn, a line says so once until it has been long ago. */
    waits(wait: Wait): void {
      if (waits.add(wait) && !draw)
        io.err(
          `${wait.line} waits, ${wait.reason}: ${visibleLine(wait.message)}; nothing failed, it goes on by itself\n`,
        )
    },
    notes({ line, message }: { line: string; message: string }): void {
      draw?.clear()
      io.err(`${line}: ${visibleLine(message)}\n`)
    },
    async end(): Promise<void> {
      clearInterval(timer)
      await showing
      draw?.clear()
    },
  }
}

/** What keeps the display from being drawn keeps the run from going on too, and the run tells it. */
const refusal = (thrown: unknown): undefined => {
  if (!(thrown instanceof KalamError)) throw thrown
}

const progressReader = (
  workspace: Workspace,
  sources: ReadonlyMap<string, Ingested>,
  started: number,
  waits: ReturnType<typeof recentWaits>,
): (() => Promise<Progress>) => {
  const { log, translators, topics, config, memory } = workspace
  const meter = progressMeter(
    new Map(
      translators.lines(config).flatMap(({ line, slots, translator }) => (translator.paid ? [[line, slots]] : [])),
    ),
  )
  return async () => {
    const lines = await linePositions(log, workspace.stages)
    const rankings = new Set(
      liveGenerations(workspace.control, config).flatMap((one) =>
        one.stage === 'rank' ? [topicOf(config.pipeline, one)] : [],
      ),
    )
    const { share, rows: rowsRead } = readSoFar(sources, config.sources.length)
    const rows = meter.stages({ atMs: Date.now(), rowsRead, read: share, lines })
    const landed = (isIt: (topic: string) => boolean) =>
      lines.filter(({ stage, inputs }) => stage === 'land' && inputs.some(({ topic }) => isIt(topic)))
    const ranked = landed((topic) => rankings.has(topic)).map((line) => sumOf(line).end)
    return {
      pipeline: config.pipeline,
      now: new Date(),
      seconds: (Date.now() - started) / 1000,
      share: Math.min(1, ...rows.map((row) => row.share)),
      leftSeconds: slowestOf(rows)?.leftSeconds ?? null,
      stages: rows,
      ranked: Math.min(...ranked),
      rowsRead,
      badRows: landed((topic) => topic === topics.deadLetters).reduce((sum, line) => sum + sumOf(line).end, 0),
      memory: await memory.count(),
      waits: waits.now(),
    }
  }
}

interface Wait {
  line: string
  reason: string
  message: string
}

/** Waits of the last half minute, one per translator; `add` tells whether a wait for that reason is new. */
const recentWaits = (now: () => number) => {
  const last = new Map<string, Wait & { atMs: number }>()
  const isRecent = (atMs: number) => now() - atMs < plainEveryMs
  return {
    add(wait: Wait): boolean {
      const before = last.get(wait.line)
      last.set(wait.line, { ...wait, atMs: now() })
      return !before || before.reason !== wait.reason || !isRecent(before.atMs)
    },
    now: (): Wait[] => [...last.values()].filter(({ atMs }) => isRecent(atMs)),
  }
}

/** Share and rows of all sources; a source that has not begun counts as none of it read. */
const readSoFar = (sources: ReadonlyMap<string, Ingested>, all: number): { share: number; rows: number } => {
  const sum = { bytes: 0, totalBytes: 0, rows: 0 }
  for (const { bytes, totalBytes, rows } of sources.values()) {
    sum.bytes += bytes
    sum.totalBytes += totalBytes
    sum.rows += rows
  }
  const share = sum.totalBytes === 0 ? 0 : Math.min(1, sum.bytes / sum.totalBytes)
  return { share: (share * sources.size) / all, rows: sum.rows }
}
