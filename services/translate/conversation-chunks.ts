import type { Codec } from '../../dataflow/codec.ts'
import type { Log } from '../../dataflow/log.ts'
import { partitionOf, placeRecord } from '../../dataflow/place.ts'
import type { Chunk } from '../../schemas/records.ts'

/** The chunks of a conversation in a chunks topic, in order; none where it has not come so far. Those that cannot be decoded are left out. */
export const conversationChunks = async (
  { log, codec, topic }: { log: Log; codec: Codec; topic: string },
  id: string,
): Promise<Chunk[]> => {
  const chunks: Chunk[] = []
  const ends = await log.ends(topic)
  const partition = partitionOf(id, ends.length)
  for await (const records of log.scan(topic, partition, 0)) {
    const own = records.filter(({ key }) => key === id)
    if (own.length === 0) continue
    await codec.prepare(own)
    for (const record of own) {
      const placed = placeRecord(codec, 'Chunk', record)
      if (placed?.body) chunks.push(placed.body)
      if (placed && placed.index === placed.count - 1) return chunks
    }
  }
  return chunks
}
