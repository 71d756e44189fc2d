import type { Codec } from '../dataflow/codec.ts'
import type { ControlEntry, ControlState } from '../dataflow/control.ts'
import { liveGeneration } from '../dataflow/control.ts'
import { KalamError } from '../dataflow/error.ts'
import type { Log } from '../dataflow/log.ts'
import type { PipelineConfig } from './config.ts'
import { type GenerationRef, type GenerationStage, generationStages, linesOf, topicOf } from './generations.ts'
import { nearName } from './near-name.ts'
import type { FilterFields } from './plan-generations.ts'
import { topicNames } from './topics.ts'

/** Which conversations a replay is asked to take. */
export interface AskedFilter {
  split?: string | undefined
  limit?: number | undefined
}

/** The line of pipeline.yaml that a name means, `stage/line` where one name is not enough; KalamError usage or not_found. */
export const lineNamed = (config: PipelineConfig, name: string): Omit<GenerationRef, 'generation'> => {
  const lines = linesOf(config)
  const [stage = '', rest] = name.split('/')
  if (rest !== undefined) {
    const found = lines.find((one) => one.stage === stage && one.line === rest)
    if (found) return found
  }
  // Scores belong to a translator: its name alone means its translations.
  const found = lines.filter((one) => one.line === name && one.stage !== 'score')
  if (found.length === 1) return found[0]!
  if (found.length > 1) {
    const names = found.map((one) => `${one.stage}/${one.line}`)
    throw new KalamError('usage', `looking for line ${name}: there are ${names.join(' and ')}`, {
      hint: `Name one of them: ${names[0]}`,
    })
  }
  const all = [...new Set(lines.map((one) => one.line))]
  const near = nearName(name, all)
  throw new KalamError('not_found', `looking for line ${name}: pipeline.yaml has no such line`, {
    hint: near === undefined ? `There is ${all.join(', ')}.` : `Did you mean ${near}?`,
  })
}

/**
 * The filter as control records have it. A limit is spread over the partitions and becomes an ordinal in each: so it is a
 * pure function of a conversation's place, and takes the first ones that came in.
 */
export const filterFields = async (
  { log, pipeline }: { log: Log; pipeline: string },
  { split, limit }: AskedFilter,
): Promise<FilterFields> => {
  const splits = split === undefined ? [] : [split]
  if (limit === undefined) return { only_splits: splits, row_limit: 0, ordinals_below: [] }
  const { messages } = topicNames(pipeline)
  const ends = await log.ends(messages)
  const below: number[] = []
  let left = limit
  for (const [partition, end] of ends.entries()) {
    const quota = Math.ceil(left / (ends.length - partition))
    const taken = await ordinalAfter(log, { topic: messages, partition, end }, quota, split)
    left -= taken.count
    below.push(taken.ordinal)
  }
  return { only_splits: splits, row_limit: limit, ordinals_below: below }
}

/** The ordinal behind the first conversations of a partition, and how many there are up to it. */
const ordinalAfter = async (
  log: Log,
  { topic, partition, end }: { topic: string; partition: number; end: number },
  quota: number,
  split: string | undefined,
): Promise<{ ordinal: number; count: number }> => {
  let count = 0
  for await (const records of log.scan(topic, partition, 0, end)) {
    for (const { offset, key, headers } of records) {
      if (headers.index !== '0' || (split !== undefined && key.split('/')[1] !== split)) continue
      if (count === quota) return { ordinal: offset, count }
      count++
    }
  }
  return { ordinal: end, count }
}

/** What a replay would write and ask, before it begins. */
export interface ReplayEstimate {
  bytes: number
  /** Per translator line: the most calls, and whether its answers are all in the memory. */
  calls: { line: string; most: number; remembered: boolean }[]
}

const sampledRecords = 400

/** Estimates from the live generations' topics: their sizes by a sample of records, times the share that the filter takes. */
export const estimateReplay = async (
  parts: { log: Log; codec: Codec; control: ControlState; config: PipelineConfig },
  entries: readonly ControlEntry[],
  share: number,
): Promise<ReplayEstimate> => {
  const estimate: ReplayEstimate = { bytes: 0, calls: [] }
  const anew = new Set(entries.map(({ body }) => `${body.stage}/${body.line}`))
  for (const { body } of entries) {
    const stage = body.stage as GenerationStage
    const live = liveGeneration(parts.control, stage, body.line)
    if (!generationStages.includes(stage) || !live || body.state !== 'building') continue
    const topic = topicOf(parts.config.pipeline, { stage, line: body.line, generation: live.generation })
    const { records, bytes } = await sizeOf(parts.log, topic)
    estimate.bytes += bytes * share
    if (stage !== 'translate') continue
    const fingerprint = (settings: string) => (JSON.parse(settings) as { fingerprint?: string }).fingerprint
    const remembered =
      fingerprint(body.settings) === fingerprint(live.settings) &&
      !Object.keys(body.inputs).some((input) => anew.has(input) && body.settings_hash !== live.settings_hash)
    estimate.calls.push({ line: body.line, most: remembered ? 0 : Math.ceil(records * share), remembered })
  }
  return { ...estimate, bytes: Math.ceil(estimate.bytes) }
}

/** About how many bytes a topic's records take, by a sample from each partition. */
export const sizeOf = async (log: Log, topic: string): Promise<{ records: number; bytes: number }> => {
  const ends = await log.ends(topic)
  const sample = { records: 0, bytes: 0 }
  let all = 0
  for (const [partition, end] of ends.entries()) {
    all += end
    const each = Math.ceil(sampledRecords / ends.length)
    for await (const records of log.scan(topic, partition, 0, Math.min(end, each)))
      for (const record of records) {
        sample.records++
        sample.bytes += recordBytes(record)
      }
  }
  return { records: all, bytes: sample.records === 0 ? 0 : Math.ceil((sample.bytes / sample.records) * all) }
}

const recordBytes = ({
  key,
  value,
  headers,
}: {
  key: string
  value: Uint8Array
  headers: Record<string, string>
}): number =>
  key.length + value.length + Object.entries(headers).reduce((sum, [name, text]) => sum + name.length + text.length, 20)

const leastFreeShare = 0.1

/** Refuses to write what would leave less than a tenth of the disk free: KalamError disk_full. */
export const refuseFullDisk = (bytes: number, disk: { free: number; total: number }, doing: string): void => {
  if (disk.free - bytes >= disk.total * leastFreeShare) return
  const gib = (amount: number) => `${(amount / 2 ** 30).toFixed(1)} GiB`
  throw new KalamError(
    'disk_full',
    `${doing}: it writes about ${gib(bytes)}, and ${gib(disk.free)} of ${gib(disk.total)} are free; a tenth must stay free`,
    {
      hint: 'Make room, drop a generation (kalam generations list), or take a part of it: --limit 1000, --split <name>.',
    },
  )
}
