import { KalamError } from './error.ts'
import type { GroupOptions } from './log.ts'

/**
 * How many partitions a group works on, by the counts of its inputs and its output: as many as it says, else as many as all of them
 * have. KalamError log_broken when a topic has fewer, or when they have unequal counts and the group does not say.
 */
export const groupPartitions = (
  { group, partitions }: Pick<GroupOptions, 'group' | 'partitions'>,
  counts: ReadonlyMap<string, number>,
): number => {
  const told = [...counts].map(([topic, count]) => `${topic} has ${count}`).join(', ')
  const [first = 0] = counts.values()
  const wanted = partitions ?? first
  const fits = (count: number) => (partitions === undefined ? count === wanted : count >= wanted)
  if ([...counts.values()].every(fits)) return wanted
  throw new KalamError('log_broken', `joining ${group}: its topics have unequal partition counts: ${told}`, {
    hint: `${partitions === undefined ? 'All of them need as many' : `Each needs ${partitions}`}, and may get them while nobody works: kafka-topics.sh --alter --topic <topic> --partitions <count>. kalam topics check names all that differ.`,
  })
}
