import type { Log } from '../../dataflow/log.ts'
import type { PipelineConfig } from '../config.ts'
import type { Warehouse } from '../land/warehouse.ts'
import { topicNames } from '../topics.ts'
import type { TranslatorLine } from '../translate/open-translator.ts'
import type { Check } from './check.ts'

/** Compares every table's rows with the records of the topic they come from; only after a run has caught up. */
export const verifyTables = async (options: {
  log: Log
  config: PipelineConfig
  translators: TranslatorLine[]
  warehouse: Warehouse
}): Promise<Check> => {
  const { log, config, translators, warehouse } = options
  const topics = topicNames(config.pipeline)
  const result: Check = { name: 'tables hold what topics hold', looked: 0, broken: [] }
  const records = async (topic: string, heads: number): Promise<number> =>
    (await log.ends(topic)).reduce((sum, end) => sum + Math.max(0, end - heads), 0)
  const compare = async (topic: string, heads: number, sql: string, line: string): Promise<void> => {
    const [row] = await warehouse.query<{ n: number }>(sql, { line })
    const expected = await records(topic, heads)
    result.looked++
    if (row?.n !== expected) result.broken.push(`${topic}: ${expected} records, ${row?.n ?? 0} rows`)
  }
  // Each messages partition begins with a head, which is no message.
  await compare(topics.messages, 1, 'SELECT count() AS n FROM v_messages', '')
  for (const { line } of translators) {
    await compare(topics.translations(line), 0, 'SELECT count() AS n FROM v_chunks WHERE line = {line:String}', line)
    await compare(topics.scored(line), 0, 'SELECT count() AS n FROM v_targets WHERE line = {line:String}', line)
  }
  for (const ranking of Object.keys(config.rankings)) {
    await compare(topics.ranked(ranking), 0, 'SELECT count() AS n FROM v_ranked WHERE ranking = {line:String}', ranking)
  }
  await compare(topics.deadLetters, 0, 'SELECT count() AS n FROM v_dead_letters', '')
  return result
}
