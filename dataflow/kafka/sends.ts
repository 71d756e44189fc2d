import type { OutputRecord } from '../log.ts'

/** What goes into one `sendBatch`: records of one partition, and each one's place in the commit. */
export interface Send {
  outputs: OutputRecord[]
  places: number[]
}

/** Larger requests hold a connection, and the broker's memory, too long; a single record may still be larger. */
const sendBytes = 2 ** 20

/**
 * Cuts a commit into sends, each of one partition, in order there. Of several partitions kafkajs remembers which broker has
 * answered, not for which partitions: where a leader moves in between it writes twice, or leaves out. With `whole` a
 * conversation, as records of one key next to each other, is never cut, so that it stands in one record batch, whatever
 * else is written to the partition at that time.
 */
export const sendsOf = (outputs: readonly OutputRecord[], whole: boolean): Send[] => {
  const partitions = new Map<string, Send>()
  outputs.forEach((output, place) => {
    const name = `${output.partition} ${output.topic}`
    const all = partitions.get(name) ?? { outputs: [], places: [] }
    partitions.set(name, all)
    all.outputs.push(output)
    all.places.push(place)
  })
  return [...partitions.values()].flatMap((all) => cutSends(all, whole))
}

const cutSends = ({ outputs, places }: Send, whole: boolean): Send[] => {
  const sends: Send[] = []
  let open: Send | undefined
  let bytes = 0
  outputs.forEach((output, i) => {
    const continues = whole && outputs[i - 1]?.key === output.key
    if (!open || (bytes >= sendBytes && !continues)) {
      open = { outputs: [], places: [] }
      bytes = 0
      sends.push(open)
    }
    open.outputs.push(output)
    open.places.push(places[i]!)
    bytes += output.value.length + 200
  })
  return sends
}

/** The outputs of a send as kafkajs wants them, every record with its partition. */
export const topicMessagesOf = ({ outputs }: Send) => [{ topic: outputs[0]!.topic, messages: outputs.map(messageOf) }]

/** An empty value is a tombstone. */
const messageOf = ({ partition, key, value, headers, timestamp }: OutputRecord) => ({
  partition,
  key: key === '' ? null : key,
  value: value.length === 0 ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  headers,
  timestamp: String(timestamp),
})

/** The offset of every record, from that of the batch that the broker wrote. */
export const offsetsOf = ({ outputs }: Send, written: readonly { baseOffset?: string }[]): number[] =>
  outputs.map((_, i) => Number(written[0]?.baseOffset ?? Number.NaN) + i)
