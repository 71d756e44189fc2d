import { setMaxListeners } from 'node:events'
import type { Mapped } from '../../dataflow/operators/map-concurrent.ts'
import type { Placed } from '../../dataflow/place.ts'
import type { Chunk, Translation } from '../../schemas/records.ts'
import { inLine } from './in-line.ts'
import { type ChunkTranslator, translateChunk } from './translate-chunk.ts'

/** What a translator line does with each chunk; a conversation outside its splits gets one skipped record. */
export const mapChunk = (
  line: ChunkTranslator & { splits: { only?: string[] | undefined; except?: string[] | undefined } },
  signal: AbortSignal,
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
  return (record: Placed<Chunk>): Mapped<Translation> | Promise<Mapped<Translation>> => {
    const { id, index, body } = record
    if (!taken(id.split('/')[1] ?? '')) {
      return index === 0 ? { body: placeholder(record, 'skipped', 'not_in_line'), count: 1 } : undefined
    }
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
})
