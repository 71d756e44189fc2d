import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Codec } from '../../dataflow/codec.ts'
import { type ControlState, liveGeneration } from '../../dataflow/control.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { Log } from '../../dataflow/log.ts'
import type { Input } from '../../dataflow/operators/group-reader.ts'
import { scanMerged } from '../../dataflow/scan-merged.ts'
import { utf8Text } from '../../dataflow/utf8-text.ts'
import type { PipelineConfig } from '../config.ts'
import { type Generation, generationOf, topicOf } from '../generations.ts'
import { topicNames } from '../topics.ts'
import { datasetCard, type SplitCount } from './dataset-card.ts'
import { partialFolder, refuseOther, replaceExport } from './export-folder.ts'
import { type ExportRow, exportedOfScored, exportRow } from './export-row.ts'
import { jsonlFile, parquetFile, type RowFile } from './row-files.ts'
import { sortedRows } from './sorted-rows.ts'

/** What an export wrote. */
export interface ExportResult {
  folder: string
  kept: number
  dropped: number
  splits: SplitCount[]
}

/**
 * Writes one ranking as a dataset: per split Parquet and JSONL of the kept rows, JSONL of the dropped ones, and a card.
 * A bounded job: it takes what is ranked when it starts. The folder appears at once, complete, or not at all; KalamError config_invalid
 * where something else is in its place.
 */
export const exportRanking = async (options: {
  log: Log
  codec: Codec
  config: PipelineConfig
  control: ControlState
  ranking: string
  outFolder: string
  version: string
}): Promise<ExportResult> => {
  const folder = join(options.outFolder, options.ranking)
  refuseOther(folder, options.ranking)
  const partial = partialFolder(folder)
  const rows = sortedRows(join(partial, 'sort'))
  // Once for all partitions: records of every other codec are of other classes to V8, for which what reads them is compiled anew.
  const scanned = { ...options, codec: options.codec.withOnly('Scored', exportedOfScored) }
  const partitions = (await options.log.ends(topicNames(options.config.pipeline).messages)).length
  for (let partition = 0; partition < partitions; partition++) {
    for await (const row of rankedRows(scanned, partition)) await rows.add(sortKey(row), JSON.stringify(row))
  }
  const splits = await writeSplits(partial, rows.merged())
  writeFileSync(
    join(partial, 'README.md'),
    datasetCard({ config: options.config, ranking: options.ranking, splits, version: options.version }),
  )
  rmSync(join(partial, 'sort'), { recursive: true, force: true })
  replaceExport(partial, folder)
  const sum = (count: (split: SplitCount) => number) => splits.reduce((total, split) => total + count(split), 0)
  return { folder, splits, kept: sum(({ kept }) => kept), dropped: sum(({ dropped }) => dropped) }
}

async function* rankedRows(
  options: { log: Log; codec: Codec; config: PipelineConfig; control: ControlState; ranking: string },
  partition: number,
): AsyncGenerator<ExportRow> {
  const { log, codec, config, ranking } = options
  const topics = topicNames(config.pipeline)
  const live = liveRanking(options.control, config, ranking)
  const lines = live.inputs.map(({ line }) => line)
  const scoredInputs = live.inputs.map(
    (input): Input<'Scored'> => ({ topic: topicOf(config.pipeline, input), name: 'Scored' }),
  )
  const configurations = winningConfigurations(config)
  const conversations = scanMerged<readonly ['Message', 'Ranked', ...'Scored'[]]>(
    log,
    codec,
    [
      { topic: topics.messages, name: 'Message' },
      { topic: topicOf(config.pipeline, live), name: 'Ranked' },
      ...scoredInputs,
    ],
    partition,
  )
  for await (const { id, groups } of conversations) {
    const [messages, ranked, ...scored] = groups
    const verdict = ranked?.records[0]?.body
    if (!messages || !verdict) continue
    const candidates = new Map(
      lines.flatMap((line, i) => {
        const group = scored[i]
        return group ? [[line, group] as const] : []
      }),
    )
    yield exportRow({ id, messages, scored: candidates, ranked: verdict, configurations })
  }
}

/** The live generation of a ranking; KalamError not_found when it was never built. */
const liveRanking = (control: ControlState, config: PipelineConfig, ranking: string): Generation => {
  const record = liveGeneration(control, 'rank', ranking)
  if (record) return generationOf(record, config)
  throw new KalamError('not_found', `exporting ${ranking}: it has not been built yet`, { hint: 'kalam run builds it.' })
}

/** The release names the configuration a row came from: the ranking of that candidate alone, where there is one. */
const winningConfigurations = (config: PipelineConfig): Map<string, string> =>
  new Map(
    Object.entries(config.rankings).flatMap(([name, { candidates }]) =>
      candidates.length === 1 ? [[candidates[0]!, name] as const] : [],
    ),
  )

/** Split, source, row: numbers in their order, so that an export reads like its source. */
const sortKey = ({ id, split }: ExportRow): string => {
  const [source = '', , ...rest] = id.split('/')
  const row = rest.join('/')
  return `${split}\u0001${source}\u0001${/^\d{1,20}$/.test(row) ? row.padStart(20, '0') : `~${row}`}`
}

const writeSplits = async (folder: string, rows: AsyncIterable<Buffer>): Promise<SplitCount[]> => {
  const splits: SplitCount[] = []
  let files: { kept: RowFile[]; dropped: RowFile | undefined } = { kept: [], dropped: undefined }
  const closeAll = async () => {
    for (const file of files.kept) await file.close()
    await files.dropped?.close()
    files = { kept: [], dropped: undefined }
  }
  for await (const json of rows) {
    const row = JSON.parse(utf8Text(json, 0, json.length)) as ExportRow
    let split = splits.at(-1)
    if (split?.split !== row.split) {
      await closeAll()
      split = { split: row.split, kept: 0, dropped: 0, pseudo: 0 }
      splits.push(split)
    }
    if (row.pseudo) split!.pseudo++
    if (row.keep) {
      if (split!.kept++ === 0) {
        const path = join(folder, 'data', row.split)
        files.kept = [jsonlFile(`${path}.jsonl`), parquetFile(`${path}.parquet`)]
      }
      for (const file of files.kept) await file.add(row, json)
    } else {
      split!.dropped++
      files.dropped ??= jsonlFile(join(folder, 'dropped', `${row.split}.jsonl`))
      await files.dropped.add(row, json)
    }
  }
  await closeAll()
  return splits
}
