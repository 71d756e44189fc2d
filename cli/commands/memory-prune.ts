import { formatCount, formatNumber } from '../../core/report/format.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { KnownAnswer } from '../../services/translate/memory.ts'
import type { Io } from '../io.ts'
import { type OpenedTranslation, sharedOf } from '../open-translation.ts'

/** Options of `kalam memory prune`; an answer has to meet all that are given. */
export interface PruneOptions {
  olderThan?: string
  model?: string
  /** Calls that were given up, and nothing else. */
  givenUp?: boolean
  /** Whether the shared memory forgets them too. */
  shared: boolean
  dry: boolean
}

const dayMs = 24 * 60 * 60 * 1000

/** `kalam memory prune`: forgets answers by age or model. The ledger keeps what they cost, so that no budget grows back. */
export const memoryPrune = async (opened: OpenedTranslation, options: PruneOptions, io: Io): Promise<number> => {
  const { model, dry, shared, givenUp = false } = options
  const memories = [...(shared ? [sharedOf(opened)] : []), opened.local]
  const before = beforeOf(options)
  let undated = 0
  const isMeant = ({ answer: { usage, failure } }: KnownAnswer): boolean => {
    if (givenUp !== (failure !== undefined)) return false
    if (model !== undefined && usage.model !== model) return false
    if (before === undefined) return true
    if (usage.at_ms <= 0) undated++
    return usage.at_ms > 0 && usage.at_ms < before
  }
  const counts: number[] = []
  for (const memory of memories) {
    let count = 0
    for await (const batch of memory.entries()) {
      const keys = batch.filter(isMeant).map(({ key }) => key)
      count += dry || keys.length === 0 ? keys.length : await memory.remove(keys)
    }
    counts.push(count)
  }
  io.out(
    prunedText({
      counts,
      what: givenUp ? 'call' : 'answer',
      undated,
      dry,
      staysShared: opened.shared !== undefined && !shared && !givenUp,
    }),
  )
  return 0
}

const prunedText = (pruned: {
  counts: number[]
  what: string
  undated: number
  dry: boolean
  staysShared: boolean
}): string => {
  const { counts, what, undated, dry, staysShared } = pruned
  const [local = 0, there] = counts.toReversed()
  const places = there === undefined ? '' : ` here, ${formatNumber(there)} in the shared memory`
  const isDone = !dry && counts.some((count) => count > 0)
  return `${[
    `${formatCount(local, what)}${places} ${dry ? 'would be forgotten' : 'forgotten'}`,
    ...(undated > 0 ? [`${formatNumber(undated)} stay: nobody knows when they came`] : []),
    ...(isDone ? ['What was spent stays booked. The file keeps its size; its room is used again.'] : []),
    ...(staysShared
      ? ['The shared memory keeps them, and gives them again: --shared forgets them for everybody.']
      : []),
  ].join('\n')}\n`
}

const beforeOf = ({ olderThan, model, givenUp }: PruneOptions): number | undefined => {
  if (olderThan === undefined) {
    if (model !== undefined || givenUp) return undefined
    throw new KalamError('usage', 'pruning the memory: it is not said what to forget', {
      hint: 'Give --older-than 90d, --given-up, or --model and its name; kalam memory stats shows the models.',
    })
  }
  const [, days] = /^(\d{1,5})d$/.exec(olderThan) ?? []
  if (days === undefined)
    throw new KalamError('usage', `reading --older-than: ${JSON.stringify(olderThan)} is no number of days, as 90d`)
  return Date.now() - Number(days) * dayMs
}
