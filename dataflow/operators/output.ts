import type { RecordName, Records } from '../../schemas/records.ts'
import type { Codec } from '../codec.ts'
import { KalamError } from '../error.ts'
import type { OutputRecord } from '../log.ts'

/** The records one conversation gets in one topic, at their places; none would leave a gap that merges wait at for ever. */
export const placedOutputs = <Name extends RecordName>(
  codec: Codec,
  to: { topic: string; name: Name; partition: number },
  from: { id: string; ordinal: number; timestamp: number; position: string },
  bodies: Records[Name][],
): OutputRecord[] => {
  if (bodies.length === 0)
    throw new KalamError('internal', `writing ${to.topic}: conversation ${from.id} got no record`)
  return bodies.map((body, index) => placedOutput(codec, to, from, body, index, bodies.length))
}

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
  body,
})
