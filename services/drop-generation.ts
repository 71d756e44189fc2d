import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlEntry, type ControlState, generationKey } from '../dataflow/control.ts'
import type { ControlFeed } from '../dataflow/control-feed.ts'
import { KalamError } from '../dataflow/error.ts'
import type { Log } from '../dataflow/log.ts'
import type { Control } from '../schemas/records.ts'
import type { PipelineConfig } from './config.ts'
import { type GenerationRef, type GenerationStage, generationOf, refKey, refText, topicOf } from './generations.ts'
import type { OpenedWarehouse } from './land/warehouse.ts'
import { groupName } from './topics.ts'

/** What dropping works with. */
export interface DropParts {
  log: Log
  feed: ControlFeed
  config: PipelineConfig
  warehouse: OpenedWarehouse
}

/** Other processes see the control topic after half a second. */
const seenMs = 1200

/**
 * Drops a generation and the building ones that read it: they end, and their topics, positions and rows are deleted. KalamError
 * usage for a live one, or when a live one reads it. Resolves with what was dropped; safe to repeat.
 */
export const dropGeneration = async (parts: DropParts, ref: GenerationRef): Promise<Control[]> => {
  const { feed, config } = parts
  let dropped: Control[] = []
  let wasBuilding = false
  await feed.change((state) => {
    dropped = dropSet(state, config, ref)
    wasBuilding = dropped.some(({ state: is }) => is === 'building')
    return [...dropped.map((body) => entryOf({ ...body, state: 'dropped' })), ...released(state, dropped)]
  })
  if (wasBuilding) await sleep(seenMs)
  for (const one of dropped) await deleteGeneration(parts, one)
  return dropped
}

const entryOf = (body: Control): ControlEntry => ({ key: generationKey(body), body })

const dropSet = (control: ControlState, config: PipelineConfig, ref: GenerationRef): Control[] => {
  const root = control.generations.get(refKey(ref))
  if (!root) {
    throw new KalamError('not_found', `dropping ${ref.stage} ${ref.line}: it has no generation ${ref.generation}`, {
      hint: 'kalam generations list   shows them.',
    })
  }
  const gone = new Map([[generationKey(root), root]])
  const doing = `dropping ${root.stage} ${root.line} generation ${root.generation}`
  if (root.state === 'live')
    throw new KalamError('usage', `${doing}: it is live`, { hint: 'Promote another one first: kalam promote.' })
  // Readers stand behind what they read: some rounds find all.
  for (let before = 0; before < gone.size; ) {
    before = gone.size
    for (const record of control.generations.values()) {
      if (record.state !== 'live' && record.state !== 'building') continue
      const key = generationKey(record)
      if (gone.has(key) || !generationOf(record, config).inputs.some((input) => gone.has(refKey(input)))) continue
      if (record.state === 'live')
        throw new KalamError('usage', `${doing}: ${refText(generationOf(record, config))} is live and reads it`)
      gone.set(key, record)
    }
  }
  return [...gone.values()]
}

/** Live generations that were held for a successor that is dropped go on. */
const released = (control: ControlState, dropped: readonly Control[]): ControlEntry[] => {
  const lines = new Set(
    dropped.filter(({ state }) => state === 'building').map(({ stage, line }) => `${stage}/${line}`),
  )
  return [...control.generations.values()]
    .filter(({ stage, line, state, held }) => state === 'live' && held && lines.has(`${stage}/${line}`))
    .map((body) => entryOf({ ...body, held: false }))
}

/** Tables that have rows of a stage's generations. */
export const tablesOf: Record<GenerationStage, readonly string[]> = {
  chunk: [],
  translate: ['chunks', 'calls'],
  score: ['targets', 'scores', 'flags', 'candidates'],
  rank: ['ranked'],
}
const kindOf: Record<GenerationStage, string> = {
  chunk: 'chunks',
  translate: 'translations',
  score: 'scored',
  rank: 'ranked',
}

/** Deletes positions, rows and topic of a generation that has ended; the topic last, since what is broken off is known by it. */
const deleteGeneration = async (
  { log, config, warehouse }: DropParts,
  { stage: name, line, generation }: Pick<Control, 'stage' | 'line' | 'generation'>,
): Promise<void> => {
  const stage = name as GenerationStage
  const { pipeline } = config
  // Groups are deleted when nobody is in them any more: then no row comes behind.
  await log.deleteGroups([
    groupName(pipeline, stage, line, generation),
    groupName(pipeline, 'land', `${kindOf[stage]}.${line}.${warehouse.id}`, generation),
  ])
  for (const table of tablesOf[stage])
    await warehouse.command(`ALTER TABLE ${table} DROP PARTITION ('${line}', ${generation})`)
  await log.deleteTopics([topicOf(pipeline, { stage, line, generation })])
}

const keptMs = 7 * 24 * 3_600_000

/** Deletes what was superseded more than seven days ago and not kept, and ends deletions that a crash broke off. */
export const dropExpired = async (parts: DropParts, now: number): Promise<Control[]> => {
  const { log, feed, config } = parts
  await feed.refresh()
  const topics = await log.topics()
  const gone: Control[] = []
  for (const record of [...feed.state.generations.values()]) {
    const ref = { stage: record.stage as GenerationStage, line: record.line, generation: record.generation }
    if (!(record.stage in kindOf)) continue
    const isExpired = record.state === 'stopped' && !record.kept && record.stopped_at + keptMs <= now
    if (isExpired) gone.push(...(await dropGeneration(parts, ref)))
    else if (record.state === 'dropped' && topics[topicOf(config.pipeline, ref)] !== undefined)
      await deleteGeneration(parts, record)
  }
  return gone
}

/** Keeps a superseded generation, or lets it go again. */
export const keepGeneration = async ({ feed }: DropParts, ref: GenerationRef, kept: boolean): Promise<void> =>
  feed.change((state) => {
    const record = state.generations.get(refKey(ref))
    if (record && record.state !== 'dropped') return [entryOf({ ...record, kept })]
    throw new KalamError('not_found', `keeping ${ref.stage} ${ref.line}: it has no generation ${ref.generation}`, {
      hint: 'kalam generations list   shows them.',
    })
  })
