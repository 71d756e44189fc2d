import { type RankInput, rank } from '../../core/ranking/rank.ts'
import type { Group } from '../../dataflow/operators/group-reader.ts'
import type { Ranked, Scored } from '../../schemas/records.ts'
import type { RankingConfig } from '../config.ts'

/** What stands for a conversation that a filtered generation leaves out. */
export const filteredVerdict = (): Ranked => ({
  winner: null,
  why: 'this generation leaves it out',
  margin: null,
  keep: false,
  pseudo: false,
  reasons: ['filtered'],
  candidates: [],
})

/** The verdict on one conversation from its candidates' scored messages, in the order of the ranking's candidates. */
export const rankConversation = (groups: readonly (Group<Scored> | undefined)[], ranking: RankingConfig): Ranked => {
  const inputs: RankInput[] = []
  for (const [i, line] of ranking.candidates.entries()) inputs.push(inputOf(line, groups[i]))
  return rank(inputs, ranking)
}

const inputOf = (line: string, group: Group<Scored> | undefined): RankInput => {
  const records = group?.records ?? []
  const conversation = records.at(-1)?.body?.conversation
  const flags: Record<string, number> = {}
  for (const { body } of records) for (const { code } of body?.flags ?? []) flags[code] = (flags[code] ?? 0) + 1
  return {
    line,
    inLine: conversation?.in_line ?? false,
    complete: conversation?.complete ?? false,
    pseudo: conversation?.pseudo ?? false,
    flags,
    metrics: conversation?.metrics ?? {},
    reasons: Object.keys(conversation?.reasons ?? {}).sort(),
  }
}
