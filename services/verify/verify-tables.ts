import type { Codec } from '../../dataflow/codec.ts'
import type { ControlState } from '../../dataflow/control.ts'
import type { Log } from '../../dataflow/log.ts'
import { placeRecord } from '../../dataflow/place.ts'
import type { RecordName } from '../../schemas/records.ts'
import type { PipelineConfig } from '../config.ts'
import type { StageLine } from '../flow.ts'
import { type Generation, liveGenerations, topicOf } from '../generations.ts'
import { landRows } from '../land/land-rows.ts'
import type { Warehouse } from '../land/warehouse.ts'
import { topicNames } from '../topics.ts'
import type { Check } from './check.ts'

/** Rows, and the UTF-8 bytes of their texts where a table has one. */
interface Amount {
  rows: number
  bytes: number
}

/** A topic that lands, and how its rows are found again: views, each with its condition on `{line:String}`. */
interface Landed {
  topic: string
  name: RecordName
  line: string
  generation: number
  /** `each` is a column whose entries are a row each in the view. */
  views: { table: string; where: string; text?: string; each?: string }[]
}

/**
 * Compares every view with what its topic's records land as: rows, and bytes of texts. While a run goes on, tables hold at
 * least what is committed and at most what is in the topic.
 */
export const verifyTables = async (options: {
  log: Log
  codec: Codec
  config: PipelineConfig
  control: ControlState
  stages: StageLine[]
  warehouse: Warehouse
}): Promise<Check> => {
  const result: Check = { name: 'tables hold what topics hold', looked: 0, broken: [] }
  for (const landed of landedTopics(options.config, options.control)) {
    const group = options.stages.find(({ stage, inputs }) => stage === 'land' && inputs[0] === landed.topic)?.group
    const committed = group === undefined ? [] : await options.log.committed(group, landed.topic)
    // In this order nothing that lands meanwhile looks like too much or too little.
    const found = await amountsInViews(options.warehouse, landed)
    const expected = await amountsInTopic(options.log, options.codec, landed, committed)
    for (const { table } of landed.views) {
      const { rows, bytes } = found.get(table)!
      const { least, most } = expected.get(table) ?? { least: noAmount(), most: noAmount() }
      result.looked++
      if (rows < least.rows || rows > most.rows)
        result.broken.push(`${landed.topic}: ${range(least.rows, most.rows)} rows for v_${table}, it has ${rows}`)
      else if (bytes < least.bytes || bytes > most.bytes)
        result.broken.push(`${landed.topic}: ${range(least.bytes, most.bytes)} bytes for v_${table}, it has ${bytes}`)
    }
  }
  return result
}

const landedTopics = (config: PipelineConfig, control: ControlState): Landed[] => {
  const topics = topicNames(config.pipeline)
  return [
    {
      ...{ topic: topics.messages, name: 'Message', line: 'messages', generation: 1 },
      views: [
        { table: 'messages', where: 'true', text: 'content' },
        { table: 'conversations', where: 'true' },
      ],
    },
    ...liveGenerations(control, config).flatMap((one) => landedGeneration(config.pipeline, one)),
    {
      ...{ topic: topics.deadLetters, name: 'DeadLetter', line: 'dead_letters', generation: 1 },
      views: [{ table: 'dead_letters', where: 'true', text: 'detail' }],
    },
  ]
}

const landedGeneration = (pipeline: string, ref: Generation): Landed[] => {
  const { stage, line, generation } = ref
  const ofLine = 'line = {line:String}'
  const at = { topic: topicOf(pipeline, ref), line, generation }
  if (stage === 'chunk') return []
  if (stage === 'translate') {
    const views = [
      { table: 'chunks', where: ofLine },
      { table: 'calls', where: ofLine },
    ]
    return [{ ...at, name: 'Translation', views }]
  }
  if (stage === 'rank')
    return [{ ...at, name: 'Ranked', views: [{ table: 'ranked', where: 'ranking = {line:String}', text: 'why' }] }]
  const views = [
    { table: 'targets', where: ofLine, text: 'target' },
    { table: 'scores', where: ofLine, each: 'metrics' },
    { table: 'flags', where: ofLine, text: 'detail' },
    { table: 'candidates', where: ofLine },
  ]
  return [{ ...at, name: 'Scored', views }]
}

const noAmount = (): Amount => ({ rows: 0, bytes: 0 })

const range = (least: number, most: number): string => (least === most ? `${most}` : `${least} to ${most}`)

const amountsInViews = async (warehouse: Warehouse, { line, views }: Landed): Promise<Map<string, Amount>> => {
  const amounts = new Map<string, Amount>()
  for (const { table, where, text } of views) {
    const bytes = text === undefined ? '0' : `sum(length(${text}))`
    const [row] = await warehouse.query<Amount>(
      `SELECT count() AS rows, ${bytes} AS bytes FROM v_${table} WHERE ${where}`,
      { line },
    )
    amounts.set(table, row ?? noAmount())
  }
  return amounts
}

/** What a topic's records land as, in all (`most`) and before the committed positions (`least`), by table. */
const amountsInTopic = async (
  log: Log,
  codec: Codec,
  { topic, name, line, generation, views }: Landed,
  committed: (number | undefined)[],
): Promise<Map<string, { least: Amount; most: Amount }>> => {
  const amounts = new Map<string, { least: Amount; most: Amount }>()
  const partitions = (await log.ends(topic)).length
  for (let partition = 0; partition < partitions; partition++) {
    for await (const records of log.scan(topic, partition, 0)) {
      await codec.prepare(records)
      for (const record of records) {
        const placed = placeRecord(codec, name, record)
        // The head of a partition, and whatever else has no place, does not land.
        if (!placed) continue
        for (const { table, row } of landRows(name, placed, { line, generation, partition })) {
          const { text, each } = views.find((view) => view.table === table) ?? {}
          const rows = each === undefined ? 1 : Object.keys(row[each] as object).length
          const sums = amounts.get(table) ?? { least: noAmount(), most: noAmount() }
          amounts.set(table, sums)
          const bytes = text === undefined ? 0 : Buffer.byteLength(String(row[text] ?? ''))
          for (const sum of record.offset < (committed[partition] ?? 0) ? [sums.least, sums.most] : [sums.most]) {
            sum.rows += rows
            sum.bytes += bytes
          }
        }
      }
    }
  }
  return amounts
}
