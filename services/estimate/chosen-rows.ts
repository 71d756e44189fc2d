import type { SourceConfig } from '../config.ts'
import type { SourceReader } from '../ingest/source-reader.ts'
import { drawOf, type Lowest, lowest } from './lowest.ts'
import { splitOf } from './sampled-rows.ts'

/** Rows that were drawn of every split of some sources. */
export interface ChosenRows {
  /** Whether the row at a position of a split, as `<source>/<split>`, was drawn. */
  has(place: string, position: number): boolean
  splits: { place: string; rows: number; chosen: number }[]
}

/**
 * Draws rows of every split by a seed: exactly as many as are wanted, or all where there are fewer. Reads all sources, since
 * only then a split is known; unreadable rows are drawn like all others.
 */
export const chooseRows = async (
  sources: readonly SourceConfig[],
  reader: (source: SourceConfig) => SourceReader,
  { rows, seed, signal }: { rows: number; seed: number; signal: AbortSignal },
): Promise<ChosenRows> => {
  const splits = new Map<string, Lowest<number>>()
  for (const source of sources) {
    const from = reader(source)
    for (const file of await from.files())
      for await (const batch of from.rows(file, { from: 0, line: 1 }, signal))
        for (const row of batch) {
          const place = `${source.name}/${splitOf(source, file, row)}`
          const held = splits.get(place) ?? lowest<number>(rows)
          splits.set(place, held)
          const position = held.offered
          held.offer(drawOf(seed, place, position), () => position)
        }
  }
  const taken = new Map([...splits].map(([place, held]) => [place, new Set(held.taken())]))
  return {
    has: (place, position) => taken.get(place)?.has(position) ?? false,
    splits: [...splits].map(([place, { offered }]) => ({ place, rows: offered, chosen: taken.get(place)!.size })),
  }
}
