import type { Codec } from '../../../dataflow/codec.ts'
import type { LogRecord, OutputRecord } from '../../../dataflow/log.ts'
import type { Chunk, Message, RecordName, Records, Scored } from '../../../schemas/records.ts'

/** A message with this content. */
export const message = (content: string): Message => ({
  role: 'user',
  content,
  source: 's',
  split: 'train',
  row: '0',
  file: '',
  line: 0,
  chat_template_kwargs: null,
  columns: {},
})

/** A chunk with this text. */
export const chunk = (text: string): Chunk => ({
  role: 'user',
  message_index: 0,
  message_count: 1,
  part_index: 0,
  part_type: 'text',
  chunk_index: 0,
  chunk_count: 1,
  kind: 'translate',
  start: 0,
  text,
})

/** A scored message with this target. */
export const scored = (target: string): Scored => ({
  message_index: 0,
  role: 'user',
  target,
  pseudo: false,
  metrics: {},
  parts: [],
  flags: [],
  conversation: null,
})

/** A record at a place; as a message its ordinal follows from its offset. */
export const placed = <Name extends RecordName>(
  codec: Codec,
  to: { topic: string; name: Name },
  place: { id: string; ordinal?: number; index: number; count: number },
  body: Records[Name],
): OutputRecord => ({
  topic: to.topic,
  partition: 0,
  key: place.id,
  value: codec.encode(to.name, body),
  headers: {
    ...(place.ordinal !== undefined && { ordinal: String(place.ordinal) }),
    index: String(place.index),
    count: String(place.count),
  },
  timestamp: 1_000,
})

/** A conversation's messages, one for each content. */
export const conversation = (codec: Codec, id: string, ...contents: string[]): OutputRecord[] =>
  contents.map((content, index) =>
    placed(codec, { topic: 'messages', name: 'Message' }, { id, index, count: contents.length }, message(content)),
  )

/** A conversation's records in a later topic, one for each body. */
export const group = <Name extends RecordName>(
  codec: Codec,
  to: { topic: string; name: Name },
  id: string,
  ordinal: number,
  ...bodies: Records[Name][]
): OutputRecord[] => bodies.map((body, index) => placed(codec, to, { id, ordinal, index, count: bodies.length }, body))

/** A record that tells no place. */
export const foreignRecord = (topic: string, key: string, headers: Record<string, string> = {}): OutputRecord => ({
  topic,
  partition: 0,
  key,
  value: Buffer.from('?'),
  headers,
  timestamp: 0,
})

/** A record's place as its headers tell it. */
export const placeOf = ({ key, headers }: LogRecord): string =>
  `${key} ${headers.ordinal} ${headers.index}/${headers.count} <${headers.position}`
