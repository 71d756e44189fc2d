import { statfs } from 'node:fs/promises'
import { readCheckpoints } from '../../services/ingest/read-checkpoints.ts'
import { lineProgress } from '../../services/run-pipeline.ts'
import { cell, thousands } from '../display/cells.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

/** `kalam status`: committed, end and waiting of every line, in records. */
export const status = async (workspace: Workspace, json: boolean, io: Io): Promise<number> => {
  const { log, codec, topics, stages, config, memory, stateFolder } = workspace
  const lines = await lineProgress(log, stages)
  const checkpoints = await readCheckpoints(log, codec, topics)
  const files = [...checkpoints.files.values()]
  const deadLetters = (await log.ends(topics.deadLetters)).reduce((sum, end) => sum + end, 0)
  const { bavail, bsize } = await statfs(stateFolder)
  const freeGiB = (bavail * bsize) / 2 ** 30
  const rows = lines.map((line) => ({ ...line, generation: 1, waiting: line.end - line.committed }))
  if (json) {
    io.out(
      `${JSON.stringify({ pipeline: config.pipeline, lines: rows, files, deadLetters, memory: memory.count(), freeGiB })}\n`,
    )
    return 0
  }
  const head = ['committed', 'end', 'waiting'].map((name) => cell(name, 14, true)).join('')
  io.out(
    `${config.pipeline}, as of ${new Date().toISOString().slice(11, 19)} UTC; log embedded, ${config.partitions} partitions\n\n`,
  )
  for (const { source, file, file_rows, selected, bad, done } of files) {
    io.out(
      `ingest ${source} ${file}: ${thousands(file_rows)} rows, ${thousands(selected)} in, ${thousands(bad)} bad${done ? '' : ', not at its end yet'}\n`,
    )
  }
  io.out(`\n${cell('stage', 11)}${cell('line', 28)}${cell('gen', 4)}${head}\n`)
  for (const { stage, line, generation, committed, end, waiting } of rows) {
    io.out(
      `${cell(stage, 11)}${cell(line, 28)}${cell(String(generation), 4)}${[committed, end, waiting].map((n) => cell(thousands(n), 14, true)).join('')}\n`,
    )
  }
  io.out(
    `\ndead letters ${thousands(deadLetters)}; memory ${thousands(memory.count())} answers; disk ${freeGiB.toFixed(1)} GiB free\n`,
  )
  return 0
}
