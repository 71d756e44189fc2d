import { createHash } from 'node:crypto'
import type { Codec } from '../../dataflow/codec.ts'
import type { ControlState } from '../../dataflow/control.ts'
import type { Log } from '../../dataflow/log.ts'
import { canonicalJson } from '../../dataflow/settings-hash.ts'
import type { PipelineConfig } from '../config.ts'
import { type ComparedConversation, comparedConversations } from './compare-records.ts'
import { type ComparedTopic, comparedTopics } from './compare-topics.ts'
import { type Comparison, type DigestTable, digestTable } from './digest-table.ts'
import { type Difference, firstDifference } from './first-difference.ts'

/** A run as its topics have it. */
export interface ComparedRun {
  log: Log
  codec: Codec
  config: PipelineConfig
  control: ControlState
}

/** One topic of two runs. */
export interface TopicComparison extends Comparison {
  /** The topic's name without pipeline and generation. */
  title: string
  /** The run that does not have it, if one does not. */
  missing?: 'here' | 'there'
  /** The first conversations that differ; without a difference, one run does not have it. */
  differences: { id: string; only?: 'here' | 'there'; difference?: Difference }[]
}

const shownDifferences = 5

/**
 * Compares all topics of two runs, conversation by conversation: they are equal where their records are, without ordinals, offsets,
 * schema ids, time stamps and usage. Digests of one partition are held at a time, about 150 bytes per conversation and run; of a
 * whole topic when the runs have other numbers of partitions.
 */
export async function* compareRuns(here: ComparedRun, there: ComparedRun): AsyncGenerator<TopicComparison> {
  const ours = comparedTopics(here.config, here.control)
  const theirs = new Map(comparedTopics(there.config, there.control).map((topic) => [topic.title, topic]))
  for (const topic of ours) {
    const counterpart = theirs.get(topic.title)
    theirs.delete(topic.title)
    yield counterpart
      ? await compareTopic(await sideOf(here, topic), await sideOf(there, counterpart))
      : { ...nothing(topic.title), missing: 'there' }
  }
  for (const { title } of theirs.values()) yield { ...nothing(title), missing: 'here' }
}

const nothing = (title: string): TopicComparison => ({
  ...{ title, changed: 0, onlyHere: 0, onlyThere: 0, all: 0 },
  differences: [],
})

/** Whether a topic is equal in both runs. */
export const isEqual = ({ missing, changed, onlyHere, onlyThere }: TopicComparison): boolean =>
  missing === undefined && changed + onlyHere + onlyThere === 0

/** One run's topic. */
interface Side {
  topic: ComparedTopic
  partitions: number
  /** The conversations of some partitions. */
  read(partitions: number[]): AsyncGenerator<ComparedConversation>
}

const sideOf = async (run: ComparedRun, topic: ComparedTopic): Promise<Side> => {
  const partitions = (await run.log.ends(topic.topic)).length
  return {
    topic,
    partitions,
    async *read(wanted) {
      for (const partition of wanted) yield* comparedConversations(run, topic, { partition, partitions })
    },
  }
}

const compareTopic = async (here: Side, there: Side): Promise<TopicComparison> => {
  const result = nothing(here.topic.title)
  const all = (count: number) => Array.from({ length: count }, (_, partition) => partition)
  // A conversation's partition is the same where there are as many.
  const parts =
    here.partitions === there.partitions
      ? all(here.partitions).map((partition) => ({ ours: [partition], theirs: [partition] }))
      : [{ ours: all(here.partitions), theirs: all(there.partitions) }]
  for (const { ours, theirs } of parts) {
    const [mine, others] = [await digests(here.read(ours)), await digests(there.read(theirs))]
    const { changed, onlyHere, onlyThere, all: seen } = mine.against(others)
    result.changed += changed
    result.onlyHere += onlyHere
    result.onlyThere += onlyThere
    result.all += seen
    const wanted = Math.min(shownDifferences - result.differences.length, changed + onlyHere + onlyThere)
    if (wanted > 0) {
      const [a, b] = [() => here.read(ours), () => there.read(theirs)]
      result.differences.push(...(await differing(a, b, [mine, others], wanted)))
    }
  }
  return result
}

const digests = async (conversations: AsyncIterable<ComparedConversation>): Promise<DigestTable> => {
  const table = digestTable()
  for await (const { id, records } of conversations)
    table.add(id, createHash('sha256').update(canonicalJson(records)).digest())
  return table
}

/** Reads again for the first conversations that differ. Those that came in since then are passed over. */
const differing = async (
  here: () => AsyncIterable<ComparedConversation>,
  there: () => AsyncIterable<ComparedConversation>,
  [mine, others]: [DigestTable, DigestTable],
  wanted: number,
): Promise<TopicComparison['differences']> => {
  const ours = new Map<string, unknown[]>()
  const theirs = new Map<string, unknown[]>()
  const note = (found: Map<string, unknown[]>, { id, records }: ComparedConversation) =>
    found.set(id, [...(found.get(id) ?? []), ...records])
  for await (const conversation of here()) {
    const { id } = conversation
    if (mine.has(id) && !mine.agrees(others, id) && (ours.has(id) || ours.size < wanted)) note(ours, conversation)
  }
  for await (const conversation of there()) {
    const { id } = conversation
    const isNew = others.has(id) && !mine.has(id) && new Set([...ours.keys(), ...theirs.keys()]).size < wanted
    if (ours.has(id) || theirs.has(id) || isNew) note(theirs, conversation)
  }
  return [...new Set([...ours.keys(), ...theirs.keys()])].map((id) => {
    const [a, b] = [ours.get(id), theirs.get(id)]
    if (!a || !b) return { id, only: a ? 'here' : 'there' }
    const difference = firstDifference({ records: a }, { records: b })
    return difference ? { id, difference } : { id }
  })
}
