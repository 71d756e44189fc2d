import type { Codec } from '../../dataflow/codec.ts'
import type { ControlState } from '../../dataflow/control.ts'
import type { Log, LogRecord } from '../../dataflow/log.ts'
import type { RecordName, Records } from '../../schemas/records.ts'
import type { PipelineConfig } from '../config.ts'
import { type Generation, liveGenerations, topicOf } from '../generations.ts'
import { readCheckpoints } from '../ingest/read-checkpoints.ts'
import { topicNames } from '../topics.ts'
import { type Check, type OpenCheck, openCheck } from './check.ts'
import { type TopicGroup, type TopicPartition, topicGroups } from './topic-groups.ts'

/** What is checked, and whether every line has caught up: if not, what is missing at a topic's end is on its way. */
export interface VerifyOptions {
  log: Log
  codec: Codec
  config: PipelineConfig
  control: ControlState
  settled: boolean
}

/**
 * Reads every topic from outside and checks what the stages promise: conversations in order, whole and in their partition,
 * every chunk one terminal record, every conversation one scored group per line and one ranked record per ranking, and
 * rows read = selected + dropped + bad.
 */
export const verifyTopics = async (options: VerifyOptions): Promise<Check[]> => {
  const { log, config, control } = options
  const topics = topicNames(config.pipeline)
  const partitions = (await log.ends(topics.messages)).length
  const order = openCheck('ordinals rise, conversations whole and in their partition')
  const texts = openCheck('joined chunks are the message, byte for byte')
  const terminal = openCheck('every chunk has one terminal record')
  const scored = openCheck('every conversation is scored once per line, message by message')
  const ranked = openCheck('every conversation is ranked once per ranking')
  let conversations = 0
  for (let partition = 0; partition < partitions; partition++) {
    const of = (topic: string): TopicPartition => ({ topic, partition, partitions })
    const messages = { ...of(topics.messages), isMessages: true }
    const ids = new Set<string>()
    for await (const { id } of topicGroups(log, messages, order)) {
      order.expect(!ids.has(id), () => `${topics.messages}, partition ${partition}: ${id} came in twice`)
      ids.add(id)
    }
    conversations += ids.size
    const promises: Record<Generation['stage'], Promised> = {
      chunk: { order, check: texts, holds: joinsTo },
      translate: { order, check: terminal, holds: endsEach },
      score: { order, check: scored, holds: scoresEach },
      rank: { order, check: ranked, holds: ranksOnce },
    }
    for (const generation of liveGenerations(control, config)) {
      const { stage, inputs } = generation
      const from = stage === 'translate' ? of(topicOf(config.pipeline, inputs[0]!)) : messages
      await inStep(options, [from, of(topicOf(config.pipeline, generation))], promises[stage])
    }
  }
  const rows = await checkRows(options, conversations)
  return [order, texts, terminal, scored, ranked, rows].map(({ result }) => result)
}

type Decode = <Name extends RecordName>(name: Name, record: LogRecord) => Records[Name] | undefined
type Holds = (source: TopicGroup, made: TopicGroup, decode: Decode) => boolean

interface Promised {
  order: OpenCheck
  check: OpenCheck
  holds: Holds
}

/** Walks two topics conversation by conversation: each of the first has its counterpart in the second, and none is left. */
const inStep = async (
  { log, codec, settled }: VerifyOptions,
  [from, to]: [TopicPartition, TopicPartition],
  { order, check, holds }: Promised,
): Promise<void> => {
  // The first topic's own order is checked when it is the second one of its stage.
  const sources = topicGroups(log, { ...from, isGrowing: !settled }, openCheck(''))
  const mades = topicGroups(log, { ...to, isGrowing: !settled }, order)
  let made = (await mades.next()).value as TopicGroup | undefined
  const where = (id: string) => `${to.topic}: ${id}`
  for await (const source of sources) {
    if (!made && !settled) break
    while (made && made.ordinal < source.ordinal) {
      const { id } = made
      check.expect(false, () => `${where(id)}: nothing it could be made of`)
      made = (await mades.next()).value as TopicGroup | undefined
    }
    if (!made || made.ordinal > source.ordinal) {
      check.expect(false, () => `${where(source.id)} is missing`)
      continue
    }
    await codec.prepare([...source.records, ...made.records])
    const counterpart = made
    check.expect(source.id === made.id && holds(source, counterpart, decoder(codec)), () => where(source.id))
    made = (await mades.next()).value as TopicGroup | undefined
  }
  if (made && settled) {
    const { id } = made
    check.expect(false, () => `${where(id)}: nothing it could be made of`)
  }
}

/** Bodies, or undefined where they cannot be decoded. */
const decoder =
  (codec: Codec): Decode =>
  (name, record) => {
    try {
      return codec.decode(name, record.value)
    } catch {
      return undefined
    }
  }

const joinsTo: Holds = (messages, chunks, decode) => {
  const joined = messages.records.map(() => '')
  for (const record of chunks.records) {
    const chunk = decode('Chunk', record)
    if (!chunk || joined[chunk.message_index] === undefined) return false
    joined[chunk.message_index] += chunk.text
  }
  return messages.records.every((record, i) => (decode('Message', record)?.content ?? '') === joined[i])
}

const terminalStatus = new Set(['translated', 'kept', 'failed', 'skipped'])

/** Why one record may stand for a whole conversation. */
const leftOut = new Set(['not_in_line', 'paused'])

const endsEach: Holds = (chunks, ends, decode) => {
  const first = ends.records[0] && decode('Translation', ends.records[0])
  if (ends.records.length === 1 && first?.status === 'skipped' && leftOut.has(first.reason ?? '')) return true
  if (chunks.records.length !== ends.records.length) return false
  return ends.records.every((record, i) => {
    const end = decode('Translation', record)
    const chunk = decode('Chunk', chunks.records[i]!)
    if (!end || !terminalStatus.has(end.status)) return false
    if (!chunk) return end.reason === 'undecodable'
    const isItsOwn = end.message_index === chunk.message_index && end.chunk_index === chunk.chunk_index
    const isWhole = end.status !== 'translated' || (end.target_text ?? '').trim() !== ''
    return isItsOwn && isWhole && end.start === chunk.start && end.length === chunk.text.length
  })
}

const scoresEach: Holds = (messages, scored, decode) =>
  messages.records.length === scored.records.length &&
  scored.records.every((record, i) => {
    const body = decode('Scored', record)
    return body?.message_index === i && (body.conversation !== null) === (i === scored.records.length - 1)
  })

const ranksOnce: Holds = (_messages, ranked, decode) =>
  ranked.records.length === 1 && decode('Ranked', ranked.records[0]!) !== undefined

const checkRows = async ({ log, codec, config, settled }: VerifyOptions, conversations: number): Promise<OpenCheck> => {
  const topics = topicNames(config.pipeline)
  const rows = openCheck('rows read = selected + dropped + bad; selected = conversations, bad = dead letters')
  let selected = 0
  let refused = 0
  for (const file of (await readCheckpoints(log, codec, topics)).files.values()) {
    rows.expect(
      file.file_rows === file.selected + file.dropped + file.bad,
      () => `${file.source} ${file.file}: ${file.file_rows} rows`,
    )
    selected += file.selected
    refused += file.dropped + file.bad
  }
  if (!settled) return rows
  const deadLetters = await badRows(log, codec, topics.deadLetters)
  rows.expect(selected === conversations, () => `${selected} selected, ${conversations} conversations`)
  rows.expect(refused === deadLetters, () => `${refused} dropped or bad, ${deadLetters} dead letters`)
  return rows
}

/** Dead letters of source rows; others are records that a stage passed over. */
const badRows = async (log: Log, codec: Codec, topic: string): Promise<number> => {
  let count = 0
  for (const partition of (await log.ends(topic)).keys()) {
    for await (const records of log.scan(topic, partition, 0)) {
      await codec.prepare(records)
      for (const record of records) if (decoder(codec)('DeadLetter', record)?.stage === 'ingest') count++
    }
  }
  return count
}
