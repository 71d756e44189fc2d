import type { Codec } from '../../dataflow/codec.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { Log, LogRecord } from '../../dataflow/log.ts'
import type { DeadLetter, RecordName, Records, Translation } from '../../schemas/records.ts'
import { openCheck } from './check.ts'
import type { ComparedTopic } from './compare-topics.ts'
import { topicGroups } from './topic-groups.ts'

/** What of a conversation's records in a topic has to be equal in equal runs. */
export interface ComparedConversation {
  id: string
  records: unknown[]
}

const schemaBytes = 5

/**
 * The conversations of a partition, without ordinals, offsets, schema ids, time stamps and usage. Those that are not whole are left
 * out: `verify` tells of them.
 */
export async function* comparedConversations(
  { log, codec }: { log: Log; codec: Codec },
  { topic, name }: ComparedTopic,
  at: { partition: number; partitions: number },
): AsyncGenerator<ComparedConversation> {
  if (name === 'DeadLetter') {
    yield* deadLetters(log, codec, topic, at.partition)
    return
  }
  const groups = topicGroups(log, { topic, ...at, isMessages: name === 'Message' }, openCheck(''))
  for await (const { id, records } of groups) {
    await codec.prepare(records)
    yield { id, records: records.map((record) => comparable(codec, name, record)) }
  }
}

/** Dead letters have no conversation: those of one row stand together; of a record that was passed over, those of its topic. */
async function* deadLetters(
  log: Log,
  codec: Codec,
  topic: string,
  partition: number,
): AsyncGenerator<ComparedConversation> {
  for await (const records of log.scan(topic, partition, 0)) {
    await codec.prepare(records)
    for (const record of records) {
      const letter = comparable(codec, 'DeadLetter', record) as Partial<DeadLetter>
      const isRow = letter.stage === 'ingest' || letter.stage === undefined
      yield { id: isRow ? record.key : `passed over by ${letter.stage}`, records: [letter] }
    }
  }
}

const comparable = <Name extends RecordName>(codec: Codec, name: Name, record: LogRecord): unknown => {
  try {
    const body = codec.decode(name, record.value)
    return withoutUsage[name]?.(body) ?? body
  } catch (thrown) {
    if (!(thrown instanceof KalamError)) throw thrown
    return { undecodable: Buffer.from(record.value.subarray(schemaBytes)).toString('base64') }
  }
}

/** Time and price of a call are its own; what was answered and why it was refused is the run's. */
const translation = ({ attempts, ...body }: Translation): unknown => ({
  ...body,
  attempts: attempts.map(({ outcome, model }) => ({ outcome, model })),
})

/** Where a record stood that was passed over is its topic's own. */
const deadLetter = ({ body, ...letter }: DeadLetter): unknown => {
  const bytes = Buffer.from(body).toString('base64')
  if (letter.stage === 'ingest') return { ...letter, body: bytes }
  const { stage, reason, detail, verdict } = letter
  return { stage, reason, detail, verdict, body: bytes }
}

const withoutUsage: { [Name in RecordName]?: (body: Records[Name]) => unknown } = {
  Translation: translation,
  DeadLetter: deadLetter,
}
