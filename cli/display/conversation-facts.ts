import type { Warehouse } from '../../services/land/warehouse.ts'

/** The verdict of a ranking; scores and places stand in the order of the candidates. */
export interface Verdict {
  ranking: string
  winner: string
  why: string
  margin: number | null
  keep: boolean
  reasons: string[]
  candidates: string[]
  scores: (number | null)[]
  places: (number | null)[]
}

/** A candidate's figures. */
export interface CandidateFacts {
  line: string
  in_line: boolean
  complete: boolean
  pseudo: boolean
  translated: number
  kept: number
  failed: number
  skipped: number
  metrics: Record<string, number | null>
}

/** A message of the source, or of a candidate. */
export interface MessageFacts {
  message_index: number
  role: string
  text: string
}

/** How a chunk ended. */
export interface ChunkFacts {
  line: string
  message_index: number
  chunk_index: number
  part_type: string
  status: string
  reason: string
  attempts: number
}

/** Something found in a candidate. */
export interface FlagFacts {
  line: string
  message_index: number
  code: string
  detail: string
}

/** All that the tables hold of one conversation. */
export interface ConversationFacts {
  id: string
  messages: MessageFacts[]
  verdicts: Verdict[]
  candidates: CandidateFacts[]
  targets: (MessageFacts & { line: string })[]
  flags: FlagFacts[]
  chunks: ChunkFacts[]
}

/** Reads a conversation from the views; without messages it never came in. */
export const conversationFacts = async (warehouse: Warehouse, id: string): Promise<ConversationFacts> => {
  const rows = <Row>(sql: string): Promise<Row[]> => warehouse.query<Row>(sql, { id })
  const where = 'WHERE id = {id:String} ORDER BY'
  const verdicts = await rows<Omit<Verdict, 'keep'> & { keep: unknown }>(
    `SELECT ranking, winner, why, margin, keep, reasons, candidate_lines AS candidates, candidate_scores AS scores,
candidate_places AS places FROM v_ranked ${where} ranking`,
  )
  const candidates = await rows<CandidateFacts>(
    `SELECT line, in_line, complete, pseudo, translated, kept, failed, skipped, metrics FROM v_candidates ${where} line`,
  )
  return {
    id,
    messages: await rows<MessageFacts>(
      `SELECT message_index, role, content AS text FROM v_messages ${where} message_index`,
    ),
    verdicts: verdicts.map((verdict) => ({ ...verdict, keep: Boolean(verdict.keep) })),
    candidates: candidates.map((candidate) => ({
      ...candidate,
      in_line: Boolean(candidate.in_line),
      complete: Boolean(candidate.complete),
      pseudo: Boolean(candidate.pseudo),
    })),
    targets: await rows<MessageFacts & { line: string }>(
      `SELECT line, message_index, role, target AS text FROM v_targets ${where} message_index, line`,
    ),
    flags: await rows<FlagFacts>(
      `SELECT line, message_index, code, detail FROM v_flags ${where} message_index, line, start`,
    ),
    chunks: await rows<ChunkFacts>(
      `SELECT line, message_index, chunk_index, part_type, status, reason, attempts FROM v_chunks ${where} line, message_index, chunk_index`,
    ),
  }
}
