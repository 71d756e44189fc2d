import type { Placed } from '../../../dataflow/place.ts'
import type {
  ConversationScore,
  DeadLetter,
  Message,
  Ranked,
  RecordName,
  Records,
  Scored,
  Translation,
} from '../../../schemas/records.ts'

/** A record of a topic at its place. */
export interface Landing {
  name: RecordName
  record: Placed<Records[RecordName]>
}

const timestamp = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

const placed = <Body>(id: string, index: number, count: number, offset: number, body: Body): Placed<Body> => ({
  id,
  ordinal: offset - index,
  index,
  count,
  offset,
  timestamp,
  bytes: 100,
  body,
})

/** A record of which only the place could be read. */
export const undecodable = <Body>(record: Placed<Body>): Placed<Body> => ({
  ...record,
  body: undefined,
  problem: 'decoding: unexpected end of data',
})

const message = (id: string, content: string): Message => {
  const [source = '', split = '', row = ''] = id.split('/')
  return {
    role: 'user',
    content,
    source,
    split,
    row,
    file: 'a.jsonl',
    line: 1,
    chat_template_kwargs: null,
    columns: {},
  }
}

/** A translated chunk with two answers, the first one refused. */
export const translation = (message_index: number, chunk_index: number): Translation => {
  const answer = {
    model: 'm',
    provider: 'p',
    prompt_tokens: 3,
    completion_tokens: 2,
    cost_usd: 0.25,
    latency_ms: 7.5,
    finish_reason: 'stop',
    from_memory: false,
    at_ms: timestamp,
    step: '',
  }
  return {
    message_index,
    message_count: 2,
    part_index: 0,
    part_type: 'text',
    chunk_index,
    chunk_count: 2,
    start: chunk_index * 5,
    length: 5,
    status: 'translated',
    reason: null,
    target_text: ' نص ',
    backend: 'openai',
    attempts: [
      { ...answer, outcome: 'empty' },
      { ...answer, outcome: 'ok', cost_usd: null },
    ],
    flags: [],
  }
}

const conversation: ConversationScore = {
  metrics: { lr: 0.5, scr: null },
  parts: [{ part_type: 'think', metrics: { lr: 0.25 } }],
  in_line: true,
  complete: false,
  translated: 3,
  kept: 0,
  failed: 1,
  skipped: 0,
  reasons: { empty: 1 },
  pseudo: false,
}
const hole = { code: 'hole', start: 0, length: 0, detail: 'chunk 1: empty' }

const scored = (message_index: number, last: boolean): Scored => ({
  message_index,
  role: 'user',
  target: 'هدف',
  pseudo: true,
  metrics: { lr: 0.5, scr: 1 },
  parts: [{ part_type: 'text', metrics: { lr: 0.75, scr: null } }],
  // Two findings of one kind at one place are two findings.
  flags: [hole, hole],
  conversation: last ? conversation : null,
})

const ranked: Ranked = {
  winner: 'a',
  pseudo: true,
  why: "it's better",
  margin: 0.125,
  keep: false,
  reasons: ['incomplete', 'lr_below_0.6'],
  candidates: [
    {
      line: 'a',
      place: 1,
      score: 0.5,
      complete: false,
      in_line: true,
      pseudo: false,
      flags: {},
      metrics: { lr: 0.5 },
      reasons: [],
    },
  ],
}

/** Two bad rows that stand at one line of one file under one name, as when a file was put in another's place. */
const deadLetter = (detail: string): DeadLetter => ({
  stage: 'ingest',
  source: 's',
  split: 't',
  row: '9',
  file: 'a.jsonl',
  line: 7,
  byte_start: 0,
  byte_end: 10,
  reason: 'invalid_json',
  detail,
  verdict: 'bad',
  body: Buffer.alloc(0),
})

/** Every kind of record of two conversations of a split, three of them undecodable. */
export const everyKind = (split: string): Landing[] => {
  const ids = [`s/${split}/0`, `s/${split}/1`]
  return ids.flatMap((id, c): Landing[] => [
    { name: 'Message', record: placed(id, 0, 2, c * 2, message(id, `first ${c}`)) },
    { name: 'Message', record: placed(id, 1, 2, c * 2 + 1, message(id, 'second "one"\n\u0000')) },
    ...[0, 1, 2, 3].map((i): Landing => {
      const record = placed(id, i, 4, c * 4 + i, translation(Math.floor(i / 2), i % 2))
      // Both would say that they are chunk 0 of message 0.
      return { name: 'Translation', record: c === 1 && i > 1 ? undecodable(record) : record }
    }),
    { name: 'Scored', record: placed(id, 0, 2, c * 2, scored(0, false)) },
    { name: 'Scored', record: placed(id, 1, 2, c * 2 + 1, scored(1, true)) },
    { name: 'Ranked', record: c === 1 ? undecodable(placed(id, 0, 1, c, ranked)) : placed(id, 0, 1, c, ranked) },
    {
      name: 'DeadLetter',
      record: placed(id, 0, 1, c, { ...deadLetter(`bad ${c}`), split }),
    },
  ])
}
