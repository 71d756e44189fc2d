import type { Codec } from '../../dataflow/codec.ts'
import type { Log } from '../../dataflow/log.ts'
import { partitionOf } from '../../dataflow/place.ts'
import { scanMerged } from '../../dataflow/scan-merged.ts'
import type { PipelineConfig } from '../config.ts'
import { readCheckpoints } from '../ingest/read-checkpoints.ts'
import { topicNames } from '../topics.ts'
import type { TranslatorLine } from '../translate/open-translator.ts'

/** One invariant: what it looked at and where it does not hold. */
export interface Check {
  name: string
  looked: number
  broken: string[]
}

const shownBroken = 20

/** Counts an invariant's cases and keeps the first broken ones. */
const check = (name: string) => {
  const result: Check = { name, looked: 0, broken: [] }
  return {
    result,
    expect(holds: boolean, where: () => string) {
      result.looked++
      if (!holds && result.broken.length < shownBroken) result.broken.push(where())
    },
  }
}

/**
 * Reads every topic from outside and checks what the stages promise: conversations in order and whole (a broken order or
 * group is KalamError out_of_step from the reader), every chunk one terminal record, every conversation one scored
 * group per line and one ranked record per ranking, and rows read = selected + dropped + bad.
 */
export const verifyTopics = async (options: {
  log: Log
  codec: Codec
  config: PipelineConfig
  translators: TranslatorLine[]
}): Promise<Check[]> => {
  const { log, codec, config, translators } = options
  const topics = topicNames(config.pipeline)
  const partitions = (await log.ends(topics.messages)).length
  const order = check('ordinals rise, conversations whole and in their partition')
  const texts = check('joined chunks are the message, byte for byte')
  const terminal = check('every chunk has one terminal record')
  const scored = check('every conversation is scored once per line, message by message')
  const ranked = check('every conversation is ranked once per ranking')
  const seen = new Set<string>()
  for (let partition = 0; partition < partitions; partition++) {
    let last = -1
    for await (const { id, ordinal } of scanMerged<readonly ['Message']>(
      log,
      codec,
      [{ topic: topics.messages, name: 'Message' }],
      partition,
    )) {
      order.expect(
        ordinal > last && partitionOf(id, partitions) === partition && !seen.has(id),
        () => `${id}, partition ${partition}, ordinal ${ordinal}`,
      )
      seen.add(id)
      last = ordinal
    }
    for (const chunking of Object.keys(config.chunkings)) {
      const inputs = [
        { topic: topics.messages, name: 'Message' },
        { topic: topics.chunks(chunking), name: 'Chunk' },
      ] as const
      for await (const { id, groups } of scanMerged<readonly ['Message', 'Chunk']>(log, codec, inputs, partition)) {
        const [messages, chunks] = groups
        const joined = messages?.records.map(() => '') ?? []
        for (const { body } of chunks?.records ?? []) if (body) joined[body.message_index] += body.text
        texts.expect(
          messages?.records.every(({ body }, i) => body === undefined || body.content === joined[i]) === true,
          () => `${chunking}: ${id}`,
        )
      }
    }
    for (const { line, chunking } of translators) {
      const inputs = [
        { topic: topics.chunks(chunking), name: 'Chunk' },
        { topic: topics.translations(line), name: 'Translation' },
      ] as const
      for await (const { id, groups } of scanMerged<readonly ['Chunk', 'Translation']>(log, codec, inputs, partition)) {
        const [chunks, ends] = groups
        const notInLine = ends?.records.length === 1 && ends.records[0]?.body?.reason === 'not_in_line'
        const places = (ends?.records ?? []).every(({ body }, i) => {
          const chunk = chunks?.records[i]?.body
          return (
            body &&
            chunk &&
            body.message_index === chunk.message_index &&
            body.chunk_index === chunk.chunk_index &&
            terminalStatus.has(body.status)
          )
        })
        terminal.expect(
          notInLine === true ||
            (chunks !== undefined && chunks.records.length === ends?.records.length && places === true),
          () => `${line}: ${id}`,
        )
      }
      const pair = [
        { topic: topics.messages, name: 'Message' },
        { topic: topics.scored(line), name: 'Scored' },
      ] as const
      for await (const { id, groups } of scanMerged<readonly ['Message', 'Scored']>(log, codec, pair, partition)) {
        scored.expect(
          groups[0] !== undefined &&
            groups[0].records.length === groups[1]?.records.length &&
            groups[1].records.at(-1)?.body?.conversation != null,
          () => `${line}: ${id}`,
        )
      }
    }
    for (const ranking of Object.keys(config.rankings)) {
      const pair = [
        { topic: topics.messages, name: 'Message' },
        { topic: topics.ranked(ranking), name: 'Ranked' },
      ] as const
      for await (const { id, groups } of scanMerged<readonly ['Message', 'Ranked']>(log, codec, pair, partition)) {
        ranked.expect(groups[0] !== undefined && groups[1]?.records.length === 1, () => `${ranking}: ${id}`)
      }
    }
  }
  return [
    order.result,
    texts.result,
    terminal.result,
    scored.result,
    ranked.result,
    await checkRows(log, codec, config, seen.size),
  ]
}

const terminalStatus = new Set(['translated', 'kept', 'failed', 'skipped'])

const checkRows = async (log: Log, codec: Codec, config: PipelineConfig, conversations: number): Promise<Check> => {
  const topics = topicNames(config.pipeline)
  const rows = check('rows read = selected + dropped + bad; selected = conversations, bad = dead letters')
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
  const deadLetters = (await log.ends(topics.deadLetters)).reduce((sum, end) => sum + end, 0)
  rows.expect(selected === conversations, () => `${selected} selected, ${conversations} conversations`)
  rows.expect(refused === deadLetters, () => `${refused} dropped or bad, ${deadLetters} dead letters`)
  return rows.result
}
