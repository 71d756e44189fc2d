import { absent, formatBytes, formatDuration, formatNumber } from '../../core/report/format.ts'
import { generationsOf } from '../../dataflow/control.ts'
import type { Control } from '../../schemas/records.ts'
import { dropGeneration, keepGeneration } from '../../services/drop-generation.ts'
import { generationOf, linesOf, refText, topicOf } from '../../services/generations.ts'
import { lineNamed, sizeOf } from '../../services/replay.ts'
import { cell } from '../display/cells.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'
import { wholeNumber } from './replay.ts'

const widths = [11, 26, 5, 11, 34, 18, 13, 11, 9]

/** `kalam generations list`: every generation with its state, inputs, filter, size and age. */
export const listGenerations = async (workspace: Workspace, json: boolean, io: Io): Promise<number> => {
  const { config, control, log } = workspace
  const rows = []
  for (const { stage, line } of linesOf(config)) {
    for (const record of generationsOf(control, stage, line)) {
      const { generation, state, held, kept, created_at, purpose } = record
      const size = state === 'dropped' ? null : await sizeOf(log, topicOf(config.pipeline, { stage, line, generation }))
      const inputs = generationOf(record, config).inputs.map((input) => refText(input))
      rows.push({
        ...{ stage, line, generation, state: held ? 'held' : state, kept, purpose, inputs, filter: filterText(record) },
        ...{ records: size?.records ?? null, bytes: size?.bytes ?? null },
        ageSeconds: created_at === 0 ? null : (Date.now() - created_at) / 1000,
      })
    }
  }
  if (json) {
    io.out(`${JSON.stringify(rows)}\n`)
    return 0
  }
  const head = ['stage', 'line', 'gen', 'state', 'reads', 'filter', 'records', 'bytes', 'age']
  const texts = rows.map((row) => [
    ...[row.stage, row.line, String(row.generation), `${row.state}${row.kept ? ', kept' : ''}`],
    ...[row.inputs.join(', ') || 'messages', row.filter || absent],
    ...[
      row.records === null ? absent : formatNumber(row.records),
      row.bytes === null ? absent : formatBytes(row.bytes),
    ],
    row.ageSeconds === null ? absent : formatDuration(row.ageSeconds),
  ])
  for (const row of [head, ...texts])
    io.out(
      `${row
        .map((text, at) => cell(text, widths[at]!, at === 2 || at > 5))
        .join(' ')
        .trimEnd()}\n`,
    )
  return 0
}

const filterText = ({ only_splits, row_limit }: Control): string =>
  [...(only_splits.length > 0 ? [only_splits.join(', ')] : []), ...(row_limit > 0 ? [`first ${row_limit}`] : [])].join(
    ', ',
  )

/** `kalam generations drop <line> <n>`: ends a generation and the building ones that read it, and deletes what they made. */
export const dropCommand = async (workspace: Workspace, name: string, n: string, io: Io): Promise<number> => {
  const ref = { ...lineNamed(workspace.config, name), generation: wholeNumber('generation', n) }
  const gone = await dropGeneration(workspace, ref)
  for (const { stage, line, generation } of gone) io.out(`dropped: ${stage} ${line} generation ${generation}\n`)
  return 0
}

/** `kalam generations keep <line> <n>`: a superseded generation is not deleted after seven days. */
export const keepCommand = async (workspace: Workspace, name: string, n: string, io: Io): Promise<number> => {
  const ref = { ...lineNamed(workspace.config, name), generation: wholeNumber('generation', n) }
  await keepGeneration(workspace, ref, true)
  io.out(`kept: ${refText(ref)}\n`)
  return 0
}
