import type { TokenCounter } from '../../core/chunking/chunk.ts'
import { rebuild } from '../../core/chunking/rebuild.ts'
import type { Role } from '../../core/conversation/model.ts'
import type { Counts } from '../../core/metrics/counts.ts'
import { noCounts } from '../../core/metrics/counts.ts'
import { scoreConversation } from '../../core/metrics/score-conversation.ts'
import { countMessage, scoresOf } from '../../core/metrics/score-message.ts'
import type { RenderOptions } from '../../core/tokens/render-llama.ts'
import type { Group } from '../../dataflow/operators/group-reader.ts'
import type { Placed } from '../../dataflow/place.ts'
import type { ConversationScore, Flag, Message, Scored, Translation } from '../../schemas/records.ts'
import { loadTokenizer } from '../tokenizer.ts'

/** Raised when the same translations are scored otherwise. */
export const scoreVersion = 1

type Tally = Omit<ConversationScore, 'metrics' | 'parts'>

/** Rebuilds and scores one candidate: its conversation's messages against their translated chunks. */
export const conversationScorer = () => {
  const count = loadTokenizer('llama3.1')
  return ([messages, translations]: readonly [
    Group<Message> | undefined,
    Group<Translation> | undefined,
  ]): Scored[] => {
    const sources = messages?.records ?? []
    const tally = tallyOf(sources, translations?.records ?? [])
    if (tally.reasons.filtered) return [filteredScore(messages)]
    const chunks = byMessage(translations?.records ?? [])
    const scored = sources.map((message) =>
      scoreMessage(message, chunks.get(message.index) ?? [], tally.in_line, count),
    )
    const turns = scored.map(({ record }) => ({ role: record.role as Role, content: record.target }))
    const render = renderOptions(sources[0]?.body)
    const whole = tally.in_line
      ? scoreConversation({ messages: scored.map(({ counts }) => counts), turns, render }, count)
      : { metrics: {}, parts: [] }
    return scored.map(({ record }, i) =>
      i === scored.length - 1 ? { ...record, conversation: { ...whole, ...tally } } : record,
    )
  }
}

const tallyOf = (messages: Placed<Message>[], translations: Placed<Translation>[]): Tally => {
  const tally: Tally = {
    in_line: true,
    complete: true,
    translated: 0,
    kept: 0,
    failed: 0,
    skipped: 0,
    reasons: {},
    pseudo: false,
  }
  const missed = (reason: string) => {
    tally.complete = false
    tally.reasons[reason] = (tally.reasons[reason] ?? 0) + 1
  }
  for (const { body } of messages) if (!body) missed('undecodable')
  for (const { body, count } of translations) {
    if (body?.status === 'translated') tally.translated++
    else if (body?.status === 'kept') tally.kept++
    else if (body?.status === 'skipped') tally.skipped++
    else tally.failed++
    if (body?.status !== 'translated' && body?.status !== 'kept') missed(body?.reason ?? 'undecodable')
    // One record stands for the whole conversation: its other chunks, if any, have none.
    if (body?.status === 'skipped' && count === 1 && leftOut.has(body.reason ?? '')) tally.in_line = false
    if (body?.status === 'translated' && body.backend === 'pseudo') tally.pseudo = true
  }
  if (translations.length === 0) missed('no_chunks')
  return tally
}

/** Why a candidate may have no part in a conversation: it is no failure, and in no mean. */
const leftOut = new Set(['not_in_line', 'filtered', 'paused', 'retired'])

/** What stands for all messages of a conversation that a filtered generation leaves out. */
export const filteredScore = (messages: Group<Message> | undefined): Scored => ({
  message_index: 0,
  role: messages?.records[0]?.body?.role ?? '',
  target: '',
  pseudo: false,
  metrics: {},
  parts: [],
  flags: [],
  conversation: {
    ...{ metrics: {}, parts: [], in_line: false, complete: false, pseudo: false },
    ...{ translated: 0, kept: 0, failed: 0, skipped: 1, reasons: { filtered: 1 } },
  },
})

const scoreMessage = (
  message: Placed<Message>,
  chunks: Placed<Translation>[],
  inLine: boolean,
  count: TokenCounter,
): { record: Scored; counts: Counts } => {
  const source = message.body?.content ?? ''
  const pieces = chunks.flatMap(({ body }) => (body ? [body] : []))
  const record: Scored = {
    message_index: message.index,
    role: message.body?.role ?? '',
    target: source,
    pseudo: pieces.some(({ status, backend }) => status === 'translated' && backend === 'pseudo'),
    metrics: {},
    parts: [],
    flags: [],
    conversation: null,
  }
  if (!inLine) return { record, counts: noCounts() }
  const whole = pieces.length === chunks.length ? rebuilt(source, pieces) : undefined
  if (!whole)
    return {
      record: { ...record, flags: [flag('hole', 0, source.length, 'a chunk could not be decoded')] },
      counts: noCounts(),
    }
  const counts = countMessage(
    {
      source,
      target: whole.text,
      pieces: pieces.map((piece, i) => ({
        partType: piece.part_type,
        sourceText: source.slice(piece.start, piece.start + piece.length),
        targetText: whole.text.slice(whole.spans[i]!.start, whole.spans[i]!.start + whole.spans[i]!.length),
        translated: piece.status === 'translated',
      })),
    },
    count,
  )
  const flags = pieces.flatMap((piece, i) => {
    const { start, length } = whole.spans[i]!
    const where = `chunk ${piece.chunk_index}`
    return piece.status === 'failed'
      ? [flag('hole', start, length, `${where}: ${piece.reason ?? ''}`)]
      : piece.flags.map((code) => flag(code, start, length, where))
  })
  return { record: { ...record, target: whole.text, flags, ...scoresOf(counts) }, counts }
}

const byMessage = (translations: Placed<Translation>[]): Map<number, Placed<Translation>[]> => {
  const groups = new Map<number, Placed<Translation>[]>()
  for (const translation of translations) {
    // What stands for an undecodable chunk does not know its message.
    const { body } = translation
    const index = body && body.reason !== 'undecodable' ? body.message_index : -1
    const group = groups.get(index)
    if (group) group.push(translation)
    else groups.set(index, [translation])
  }
  return groups
}

const flag = (code: string, start: number, length: number, detail: string): Flag => ({ code, start, length, detail })

const rebuilt = (source: string, pieces: Translation[]) => {
  try {
    return rebuild(
      source,
      pieces.map(({ start, length, target_text }) => ({ start, length, target: target_text })),
    )
  } catch (thrown) {
    // Chunks of other messages, as after an undecodable one: the message counts as a hole.
    if (thrown instanceof RangeError) return undefined
    throw thrown
  }
}

const renderOptions = (first: Message | undefined): RenderOptions => {
  if (!first?.chat_template_kwargs) return {}
  const kwargs: unknown = JSON.parse(first.chat_template_kwargs)
  if (typeof kwargs !== 'object' || kwargs === null) return {}
  const { custom_instructions, xml_tools, python_tools } = kwargs as Record<string, unknown>
  return {
    ...(typeof custom_instructions === 'string' && { customInstructions: custom_instructions }),
    xmlTools: textsOf(xml_tools),
    pythonTools: textsOf(python_tools),
  }
}

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(textOf) : [])

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
