import { setMaxListeners } from 'node:events'
import type { Mapped } from '../../dataflow/operators/map-concurrent.ts'
import type { Placed } from '../../dataflow/place.ts'
import type { Chunk, Translation } from '../../schemas/records.ts'
import { inLine } from './in-line.ts'
import { type ChunkTranslator, translateChunk } from './translate-chunk.ts'

/** Why whole conversations get one skipped record in a task, besides the translator's splits. */
export interface Skipping {
  /** Whether the generation takes a conversation. */
  takes(record: Placed<Chunk>): boolean
  /** Whether the line pauses and the ranking goes on without it. */
  isPaused: boolean
  /** The last record of the output when the task began: a conversation in its middle goes on as it began. */
  last?: { ordinal: number; count: number } | undefined
}

const nothingSkipped: Skipping = { takes: () => true, isPaused: false }

/** What a translator line does with each chunk; a conversation that is left out gets one skipped record. */
export const mapChunk = (
  line: ChunkTranslator & { splits: { only?: string[] | undefined; except?: string[] | undefined } },
  signal: AbortSignal,
  { takes, isPaused, last }: Skipping = nothingSkipped,
) => {
  // Every call under way listens to it, and Node takes more than ten listeners for a leak.
  setMaxListeners(0, signal)
  const known = new Map<string, boolean>()
  const taken = (split: string): boolean => {
    let answer = known.get(split)
    if (answer === undefined) {
      answer = inLine(split, line.splits)
      known.set(split, answer)
    }
    return answer
  }
  /** Why the whole conversation of a record is left out. */
  const leftOut = (record: Placed<Chunk>): string | undefined => {
    if (!takes(record)) return 'filtered'
    if (!taken(record.id.split('/')[1] ?? '')) return 'not_in_line'
    if (record.index === 0) return isPaused ? 'paused' : undefined
    return last && last.ordinal === record.ordinal && last.count !== record.count ? 'paused' : undefined
  }
  let ordinal = -1
  let reason: string | undefined
  return (record: Placed<Chunk>): Mapped<Translation> | Promise<Mapped<Translation>> => {
    const { id, index, body } = record
    if (record.ordinal !== ordinal || index === 0) {
      ordinal = record.ordinal
      reason = leftOut(record)
    }
    if (reason !== undefined)
      return index === 0 ? { body: placeholder(record, 'skipped', reason), count: 1 } : undefined
    if (isPaused) return { body: placeholder(record, 'skipped', 'paused') }
    if (!body) return { body: placeholder(record, 'failed', 'undecodable') }
    const made = translateChunk(body, id, line, signal)
    return made instanceof Promise ? made.then((translation) => ({ body: translation })) : { body: made }
  }
}

const placeholder = ({ body }: Placed<Chunk>, status: string, reason: string): Translation => ({
  message_index: body?.message_index ?? 0,
  message_count: body?.message_count ?? 0,
  part_index: body?.part_index ?? 0,
  part_type: body?.part_type ?? 'text',
  chunk_index: body?.chunk_index ?? 0,
  chunk_count: body?.chunk_count ?? 0,
  start: body?.start ?? 0,
  length: body?.text.length ?? 0,
  status,
  reason,
  target_text: null,
  backend: '',
  attempts: [],
  flags: [],
})
