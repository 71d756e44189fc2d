import { createLogUpdate } from 'log-update'
import { type LineProgress, lineProgress } from '../../services/run-pipeline.ts'
import { cell, duration, thousands } from '../display/cells.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

const redrawMs = 500
const plainEveryMs = 30_000

interface Ingested {
  rows: number
  bytes: number
  totalBytes: number
}

/** Draws how far every stage is: redrawn in place on a terminal, one line every 30 s elsewhere. */
export const progressDisplay = (workspace: Workspace, io: Io, started: number) => {
  const sources = new Map<string, Ingested>()
  const draw = io.isTty ? createLogUpdate(process.stderr) : undefined
  let last = new Map<string, number>()
  let lastAt = started
  let drawing: Promise<void> = Promise.resolve()

  const redraw = async (): Promise<void> => {
    const now = Date.now()
    const lines = await lineProgress(workspace.log, workspace.stages)
    const rates = new Map(
      lines.map((line) => [
        key(line),
        ((line.committed - (last.get(key(line)) ?? 0)) * 1000) / Math.max(1, now - lastAt),
      ]),
    )
    last = new Map(lines.map((line) => [key(line), line.committed]))
    lastAt = now
    const text = draw
      ? table(workspace, lines, rates, sources, now - started)
      : plainLine(lines, sources, now - started)
    if (draw) draw(text)
    else io.err(`${text}\n`)
  }
  const timer = setInterval(
    () => {
      drawing = drawing.then(redraw)
    },
    draw ? redrawMs : plainEveryMs,
  )
  return {
    ingested: (source: string, done: Ingested) => void sources.set(source, done),
    async end(): Promise<void> {
      clearInterval(timer)
      await drawing
      draw?.clear()
    },
  }
}

const key = ({ stage, line }: LineProgress): string => `${stage} ${line}`

const shareRead = (sources: Map<string, Ingested>): number => {
  let bytes = 0
  let total = 0
  for (const source of sources.values()) {
    bytes += source.bytes
    total += source.totalBytes
  }
  return total === 0 ? 0 : Math.min(1, bytes / total)
}

const table = (
  workspace: Workspace,
  lines: LineProgress[],
  rates: Map<string, number>,
  sources: Map<string, Ingested>,
  ms: number,
): string => {
  const read = shareRead(sources)
  const rows = [...sources.values()].reduce((sum, source) => sum + source.rows, 0)
  const left = read > 0.01 && read < 1 ? duration((ms / read) * (1 - read)) : ''
  const shown = lines.filter(({ stage }) => stage !== 'land')
  const land = lines
    .filter(({ stage }) => stage === 'land')
    .reduce((sum, line) => ({ committed: sum.committed + line.committed, end: sum.end + line.end }), {
      committed: 0,
      end: 0,
    })
  const bar = '#'.repeat(Math.round(read * 40)).padEnd(40, '.')
  return [
    `${workspace.config.pipeline}  ${(read * 100).toFixed(1)} % read  [${bar}]  ${duration(ms)}`,
    `${cell('stage', 10)}${cell('line', 20)}${cell('done', 14, true)}${cell('of', 14, true)}${cell('per second', 14, true)}${cell('waiting', 12, true)}${cell('left', 14, true)}`,
    `${cell('ingest', 10)}${cell('', 20)}${cell(thousands(rows), 14, true)}${cell('', 40)}${cell(left, 14, true)}`,
    ...shown.slice(0, 8).map((line) => {
      const rate = rates.get(key(line)) ?? 0
      const waiting = line.end - line.committed
      return `${cell(line.stage, 10)}${cell(line.line, 20)}${cell(thousands(line.committed), 14, true)}${cell(thousands(line.end), 14, true)}${cell(thousands(Math.round(rate)), 14, true)}${cell(thousands(waiting), 12, true)}${cell(waiting > 0 && rate > 0 ? duration((waiting / rate) * 1000) : '', 14, true)}`
    }),
    `${cell('land', 10)}${cell('', 20)}${cell(thousands(land.committed), 14, true)}${cell(thousands(land.end), 14, true)}`,
    'Ctrl-C is safe; run again to go on',
  ].join('\n')
}

const plainLine = (lines: LineProgress[], sources: Map<string, Ingested>, ms: number): string => {
  const waiting = lines
    .filter(({ committed, end }) => end > committed)
    .map((line) => `${key(line)} ${thousands(line.end - line.committed)}`)
  return `${duration(ms)}: ${(shareRead(sources) * 100).toFixed(1)} % read; waiting: ${waiting.join(', ') || 'nothing'}`
}
