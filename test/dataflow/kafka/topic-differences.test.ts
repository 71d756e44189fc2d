import { describe, expect, it } from 'vitest'
import { differencesOf, type FoundTopic } from '../../../dataflow/kafka/topic-differences.ts'
import { topicConfig } from '../../../dataflow/kafka/topics.ts'
import type { TopicSpec } from '../../../dataflow/log.ts'

const settings = { replication: 3, minInsync: 2, maxMessageBytes: 1000 }

/** Differences of a topic that is as it should be but for what is given, those that do harm with a !. */
const told = (given: Partial<FoundTopic> & { set?: Record<string, string> }, spec: Partial<TopicSpec> = {}) => {
  const wanted = { topic: 't', partitions: 2, ...spec }
  const config = { ...topicConfig(wanted, settings), ...given.set }
  return differencesOf(wanted, { partitions: 2, copies: 3, config, ...given }, settings).map(
    ({ topic, text, isHarmful }) => `${isHarmful ? '!' : ''}${topic} ${text}`,
  )
}

describe('a topic', () => {
  it('as it is made does not differ, compacted or not', () => {
    expect([told({}), told({}, { compacted: true })]).toEqual([[], []])
  })

  it.each([
    [{ partitions: 1 }, ['!t it has 1 partition, and 2 are written to']],
    [{ partitions: 3 }, ['t it has 3 partitions, of which 2 are used']],
    [{ copies: 2 }, ['t it has 2 of the 3 copies of log.kafka.replication']],
    [
      { set: { 'min.insync.replicas': '1' } },
      [expect.stringContaining('!t min.insync.replicas is 1, not 2: records that fewer')],
    ],
    [{ set: { 'min.insync.replicas': '3' } }, ['t min.insync.replicas is 3, not 2']],
    [
      { set: { 'min.insync.replicas': '4' } },
      ['!t min.insync.replicas is 4, and it has 3 copies: all writes are refused'],
    ],
    [{ set: { 'max.message.bytes': '999' } }, [expect.stringContaining('!t max.message.bytes is 999, not 1000')]],
    [{ set: { 'max.message.bytes': '1001' } }, []],
    [{ set: { 'retention.bytes': '5' } }, ['!t retention.bytes is 5, not -1: records are deleted']],
    [
      { set: { 'cleanup.policy': 'compact,delete', 'retention.ms': '5' } },
      [
        '!t cleanup.policy is compact,delete, not delete: all but the last record of each key are deleted',
        '!t retention.ms is 5, not -1: records are deleted',
      ],
    ],
    [{ config: undefined }, []],
  ])('with %j says so', (given, texts) => {
    expect(told(given)).toEqual(texts)
  })

  it.each([
    [{ 'cleanup.policy': 'delete' }, ['t cleanup.policy is delete, not compact']],
    [{ 'retention.ms': '5' }, []],
    [
      { 'cleanup.policy': 'compact,delete', 'retention.ms': '5' },
      ['!t retention.ms is 5, not -1: records are deleted', 't cleanup.policy is compact,delete, not compact'],
    ],
  ])('that is compacted, with %j, says so', (set, texts) => {
    expect(told({ set }, { compacted: true })).toEqual(texts)
  })
})
