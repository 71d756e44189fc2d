import type { Log } from '../../dataflow/log.ts'
import type { SourceConfig } from '../config.ts'
import type { TopicNames } from '../topics.ts'

/** Ids that a source's rows already took, about 100 bytes each; undefined where ids are positions and cannot meet. */
export const seenIds = async (log: Log, topics: TopicNames, source: SourceConfig): Promise<Set<string> | undefined> => {
  if (!source.columns?.id) return undefined
  const ids = new Set<string>()
  const partitions = (await log.ends(topics.messages)).length
  for (let partition = 0; partition < partitions; partition++) {
    for await (const records of log.scan(topics.messages, partition, 0)) {
      for (const { key, headers } of records)
        if (headers.index === '0' && key.startsWith(`${source.name}/`)) ids.add(key)
    }
  }
  return ids
}
