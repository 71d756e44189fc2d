import type { Codec } from '../dataflow/codec.ts'
import { KalamError } from '../dataflow/error.ts'
import type { LogRecord } from '../dataflow/log.ts'
import type { OperatorContext } from '../dataflow/operators/group-reader.ts'
import type { DeadLetter } from '../schemas/records.ts'

/** Header of the first record of every `messages` partition: the pipeline's uuid. */
export const pipelineHeader = 'pipeline'

const bodyBytes = 64 * 1024

/**
 * What operators write for a record without a place. The pipeline's own head is passed over, another pipeline's is KalamError
 * state_of_other_pipeline; anything else becomes a dead letter that says where it stands, once per stage that meets it.
 */
export const foreignRecords =
  (parts: { codec: Codec; deadLetters: string; uuid: string }): OperatorContext['foreign'] =>
  (topic, record, partition) => {
    const owner = record.headers[pipelineHeader]
    if (owner === parts.uuid) return undefined
    if (owner !== undefined) throw otherPipeline(topic, owner, parts.uuid)
    const { key, body } = deadLetter(topic, record, partition)
    return {
      topic: parts.deadLetters,
      partition,
      key,
      value: parts.codec.encode('DeadLetter', body),
      headers: { ordinal: '0', index: '0', count: '1' },
      timestamp: record.timestamp,
    }
  }

const deadLetter = (topic: string, record: LogRecord, partition: number): { key: string; body: DeadLetter } => ({
  key: `${topic}/${partition}/${record.offset}`,
  body: {
    stage: 'read',
    source: topic,
    split: String(partition),
    row: String(record.offset),
    file: `${topic}, partition ${partition}`,
    line: record.offset,
    byte_start: 0,
    byte_end: record.value.length,
    reason: 'foreign',
    detail: `a record with the key ${JSON.stringify(record.key.slice(0, 200))} and no place in a conversation was passed over`,
    verdict: 'bad',
    body: Buffer.from(record.value.subarray(0, bodyBytes)),
  },
})

const otherPipeline = (topic: string, owner: string, uuid: string): KalamError =>
  new KalamError('state_of_other_pipeline', `reading ${topic}: it was written by pipeline ${owner}, not ${uuid}`, {
    hint: 'The topic was made anew or belongs to another pipeline. Lines built on it start under a new name.',
  })
