import type { OutputRecord } from '../log.ts'

/** What goes into one `sendBatch`: a record batch per topic and partition, and each record's place in the commit. */
export interface Send {
  outputs: OutputRecord[]
  places: number[]
}

/** Larger requests hold a connection, and the broker's memory, too long; a single record may still be larger. */
const sendBytes = 2 ** 20

/**
 * Cuts a commit into sends, in order. With `whole` a conversation, as records of one key next to each other, is never cut,
 * so that it stands in one record batch, whatever else is written to the partition at that time.
 */
export const sendsOf = (outputs: readonly OutputRecord[], whole: boolean): Send[] => {
  const sends: Send[] = []
  let open: Send | undefined
  let bytes = 0
  outputs.forEach((output, place) => {
    const before = outputs[place - 1]
    const continues = whole && before?.key === output.key && before.topic === output.topic
    if (!open || (bytes >= sendBytes && !continues)) {
      open = { outputs: [], places: [] }
      bytes = 0
      sends.push(open)
    }
    open.outputs.push(output)
    open.places.push(place)
    bytes += output.value.length + 200
  })
  return sends
}

/** The outputs of a send as kafkajs wants them: by topic, every record with its partition. */
export const topicMessagesOf = ({ outputs }: Send) => {
  const topics = new Map<string, ReturnType<typeof messageOf>[]>()
  for (const output of outputs) {
    const messages = topics.get(output.topic) ?? []
    topics.set(output.topic, messages)
    messages.push(messageOf(output))
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }))
}

/** An empty value is a tombstone. */
const messageOf = ({ partition, key, value, headers, timestamp }: OutputRecord) => ({
  partition,
  key: key === '' ? null : key,
  value: value.length === 0 ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  headers,
  timestamp: String(timestamp),
})

/** The offset of every record, from those of the batches that the broker wrote: a batch per topic and partition. */
export const offsetsOf = (
  { outputs }: Send,
  written: readonly { topicName: string; partition: number; baseOffset?: string }[],
): number[] => {
  const next = new Map(
    written.map(({ topicName, partition, baseOffset }) => [`${partition} ${topicName}`, Number(baseOffset)]),
  )
  return outputs.map(({ topic, partition }) => {
    const name = `${partition} ${topic}`
    const offset = next.get(name) ?? Number.NaN
    next.set(name, offset + 1)
    return offset
  })
}
