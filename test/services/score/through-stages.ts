import type { Cutter } from '../../../core/chunking/chunk.ts'
import { whitelistedSpans } from '../../../core/metrics/whitelist.ts'
import type { Group } from '../../../dataflow/operators/group-reader.ts'
import type { Placed } from '../../../dataflow/place.ts'
import type { Chunk, Message, Scored, Translation } from '../../../schemas/records.ts'
import { chunkConversation } from '../../../services/chunk/chunk-conversation.ts'
import { conversationScorer } from '../../../services/score/score-conversation.ts'
import { pseudo, pseudoText } from '../../../services/translate/backends/pseudo.ts'
import { mapChunk } from '../../../services/translate/map-chunk.ts'
import { plainRules } from '../../../services/translate/segment-rules.ts'
import { noUsage, type Translator } from '../../../services/translate/translator.ts'

/** A translator that answers at once by a function of the segment. */
export const local = (answer: (segment: string) => string): Translator => ({
  ...pseudo(),
  backend: 'local',
  translateNow: ({ text }) => ({ text: answer(text), usage: noUsage }),
})

/** Gives back what it gets. */
export const identity = local((segment) => segment)

/** Letters as Arabic ones, links, code and mathematics as they are: of the shape of a good translation. */
export const faithful = local((segment) => {
  let target = ''
  let at = 0
  for (const { start, end } of whitelistedSpans(segment)) {
    target += pseudoText(segment.slice(at, start)) + segment.slice(start, end)
    at = end
  }
  return target + pseudoText(segment.slice(at))
})

const score = conversationScorer()
const signal = new AbortController().signal

/** Records of one conversation at their places in a topic. */
export const groupOf = <Body>(id: string, bodies: Body[]): Group<Body> => {
  const place = { id, count: bodies.length, ordinal: 0, timestamp: 0, bytes: 1 }
  const records = bodies.map((body, index): Placed<Body> => ({ ...place, index, offset: index, body }))
  return { id, ordinal: 0, timestamp: 0, records, next: bodies.length, foreign: [], bytes: 1 }
}

/** A conversation's chunks, translations and scored messages, each by the function of its stage. */
export const throughStages = (messages: Placed<Message>[], cut: Cutter, translator: Translator) => {
  const id = messages[0]!.id
  const chunks: Chunk[] = chunkConversation(messages, cut)
  const languages = () => ({ source: 'en', target: 'ar' })
  const map = mapChunk({ translator, sample: 0, rules: plainRules(1), languages, splits: {} }, signal)
  const translations = groupOf(id, chunks).records.map((record): Translation => {
    const mapped = map(record)
    if (!mapped || mapped instanceof Promise) throw new Error('a local translator answers every chunk at once')
    return mapped.body
  })
  const group = { ...groupOf<Message>(id, []), records: messages }
  const scored: Scored[] = score([group, groupOf(id, translations)])
  return { chunks, translations, scored }
}
