import type { RecordName, Records } from '../../schemas/records.ts'
import type { Codec } from '../codec.ts'
import type { OutputRecord } from '../log.ts'

/** The records one conversation gets in one topic, at their places. */
export const placedOutputs = <Name extends RecordName>(
  codec: Codec,
  to: { topic: string; name: Name; partition: number },
  from: { id: string; ordinal: number; timestamp: number; position: string },
  bodies: Records[Name][],
): OutputRecord[] => bodies.map((body, index) => placedOutput(codec, to, from, body, index, bodies.length))

/** One record at a given place. */
export const placedOutput = <Name extends RecordName>(
  codec: Codec,
  to: { topic: string; name: Name; partition: number },
  from: { id: string; ordinal: number; timestamp: number; position: string },
  body: Records[Name],
  index: number,
  count: number,
): OutputRecord => ({
  topic: to.topic,
  partition: to.partition,
  key: from.id,
  value: codec.encode(to.name, body),
  headers: { ordinal: String(from.ordinal), index: String(index), count: String(count), position: from.position },
  timestamp: from.timestamp,
})
