import type { Log, LogRecord } from '../../dataflow/log.ts'
import { partitionOf } from '../../dataflow/place.ts'
import type { OpenCheck } from './check.ts'

/** The records of one conversation as they stand next to each other in a topic, undecoded. */
export interface TopicGroup {
  id: string
  ordinal: number
  records: LogRecord[]
}

/**
 * One partition of a topic. `isMessages`: there a conversation's ordinal is the offset of its first record. `isGrowing`: its stage has
 * not caught up, so that the last conversation may lack what is on its way.
 */
export interface TopicPartition {
  topic: string
  partition: number
  partitions: number
  isMessages?: boolean
  isGrowing?: boolean
}

/**
 * Reads a partition by headers alone, apart from the code that the stages read with, and checks that ordinals rise and that
 * conversations are whole, in their order and in their partition. What is broken is told and read on from.
 */
export async function* topicGroups(log: Log, at: TopicPartition, order: OpenCheck): AsyncGenerator<TopicGroup> {
  const { topic, partition, partitions, isMessages = false, isGrowing = false } = at
  let group: TopicGroup | undefined
  let count = 0
  let lastOrdinal = -1
  let lastOffset = -1
  for await (const records of log.scan(topic, partition, 0)) {
    for (const record of records) {
      const where = (what: string) => () => `${topic}, partition ${partition}, offset ${record.offset}: ${what}`
      order.expect(record.offset > lastOffset, where(`behind offset ${lastOffset}`))
      lastOffset = record.offset
      const place = placeOf(record, isMessages)
      if (!place) {
        // A messages partition begins with its pipeline's mark; nothing else is without a place.
        order.expect(isMessages && record.offset === 0, where('it has no place in a conversation'))
        continue
      }
      const { id, ordinal, index } = place
      if (group && group.records.length < count) {
        const goesOn =
          id === group.id && ordinal === group.ordinal && index === group.records.length && place.count === count
        order.expect(goesOn, where(`${id} ${index}, where ${group.id} ${group.records.length} of ${count} is due`))
        if (goesOn) group.records.push(record)
        else group = undefined
      } else group = undefined
      if (!group) {
        order.expect(
          index === 0 && ordinal > lastOrdinal,
          where(`${id} ${index}, ordinal ${ordinal} behind ${lastOrdinal}`),
        )
        order.expect(partitionOf(id, partitions) === partition, where(`${id} belongs into another partition`))
        lastOrdinal = Math.max(lastOrdinal, ordinal)
        count = place.count
        group = { id, ordinal, records: [record] }
      }
      if (group.records.length === count) yield group
    }
  }
  if (group && !isGrowing) {
    const { id, records } = group
    order.expect(
      records.length === count,
      () => `${topic}, partition ${partition}: ${id} ends after ${records.length} of ${count} records`,
    )
  }
}

const placeOf = ({ key, offset, headers }: LogRecord, isMessages: boolean) => {
  const index = Number(headers.index)
  const count = Number(headers.count)
  const ordinal = isMessages ? offset - index : Number(headers.ordinal)
  const sound = key !== '' && [index, count, ordinal].every(Number.isInteger) && index >= 0 && index < count
  return sound ? { id: key, index, count, ordinal } : undefined
}
