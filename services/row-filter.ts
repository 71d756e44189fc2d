import type { Control } from '../schemas/records.ts'

/** Which conversations a generation is built from; a pure function of their place, so that a restart takes the same ones. */
export interface RowFilter {
  /** Only these splits; empty = all. */
  splits: readonly string[]
  /** By partition, the ordinal of the first conversation left out; empty = none is. */
  ordinalsBelow: readonly number[]
}

/** The filter of a generation; undefined when it takes all. */
export const filterOf = ({
  only_splits,
  ordinals_below,
}: Pick<Control, 'only_splits' | 'ordinals_below'>): RowFilter | undefined =>
  only_splits.length === 0 && ordinals_below.length === 0
    ? undefined
    : { splits: only_splits, ordinalsBelow: ordinals_below }

/** Whether a generation takes a conversation. */
export const takes = (
  filter: RowFilter | undefined,
  { id, ordinal, partition }: { id: string; ordinal: number; partition: number },
): boolean => {
  if (!filter) return true
  const { splits, ordinalsBelow } = filter
  return (
    (splits.length === 0 || splits.includes(id.split('/')[1] ?? '')) &&
    (ordinalsBelow.length === 0 || ordinal < (ordinalsBelow[partition] ?? 0))
  )
}
