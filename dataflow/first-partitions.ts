import type { Log } from './log.ts'

/**
 * The same log, of whose topics only the partitions are used that their pipeline was made with. Those that somebody added to a topic
 * since then hold nothing; only `topics` tells of them.
 */
export const firstPartitions = (log: Log, partitionsOf: (topic: string) => number): Log => {
  const { committedEnds } = log
  const first = <Value>(topic: string, ofAll: Value[]): Value[] => ofAll.slice(0, partitionsOf(topic))
  return {
    ...log,
    async createTopics(specs) {
      const there = await log.topics()
      await log.createTopics(specs.filter(({ topic, partitions }) => !(there[topic]! > partitions)))
    },
    join: (group) => log.join({ ...group, partitions: Math.min(...group.inputs.map(partitionsOf)) }),
    ends: async (topic) => first(topic, await log.ends(topic)),
    ...(committedEnds && { committedEnds: async (topic: string) => first(topic, await committedEnds(topic)) }),
    committed: async (group, topic) => first(topic, await log.committed(group, topic)),
  }
}
