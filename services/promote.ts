import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ControlEntry,
  type ControlState,
  generationKey,
  generationsOf,
  liveGeneration,
} from '../dataflow/control.ts'
import type { ControlFeed } from '../dataflow/control-feed.ts'
import { KalamError } from '../dataflow/error.ts'
import { lastPlace } from '../dataflow/last-record.ts'
import type { Log } from '../dataflow/log.ts'
import type { Control } from '../schemas/records.ts'
import type { PipelineConfig } from './config.ts'
import { type Generation, generationOf, linesOf, refKey, refText, topicOf } from './generations.ts'
import { pauseOf } from './pauses.ts'

/** What a promotion makes live, and what it takes the place of. */
export interface Promotion {
  rising: Control[]
  /** Live ones whose successors rise. */
  falling: Control[]
  /** Building ones that end with it: older ones of these lines, and those that read what falls. */
  ending: Control[]
}

/** Whether a generation may ever be live: a part of the conversations or a trial is not. */
export const isPromotable = ({ only_splits, ordinals_below, purpose }: Control): boolean =>
  only_splits.length === 0 && ordinals_below.length === 0 && purpose !== 'ablation'

/**
 * What promoting a line's newest building generation means, with those after it; undefined when nothing is building that may be
 * promoted. KalamError usage when it reads what is not live, or when a live line would be left without its input.
 */
export const promotionOf = (
  control: ControlState,
  config: PipelineConfig,
  of: { stage: string; line: string },
): Promotion | undefined => {
  const doing = `promoting ${of.stage} ${of.line}`
  const building = generationsOf(control, of.stage, of.line).filter(({ state }) => state === 'building')
  const root = building.findLast(isPromotable)
  if (!root) {
    if (building.length === 0) return undefined
    throw new KalamError(
      'usage',
      `${doing}: generation ${building.at(-1)!.generation} takes a part of the conversations only`,
      {
        hint: 'A filtered generation is never promoted: kalam replay builds a whole one.',
      },
    )
  }
  const rising = new Map([[generationKey(root), root]])
  const reads = (record: Control) => generationOf(record, config).inputs.map(refKey)
  for (const { stage, line } of linesOf(config)) {
    const next = generationsOf(control, stage, line).findLast(
      (one) => one.state === 'building' && isPromotable(one) && reads(one).some((key) => rising.has(key)),
    )
    if (next) rising.set(generationKey(next), next)
  }
  refuseNotLive(control, config, rising, doing)
  return withFalling(control, config, rising, doing)
}

const refuseNotLive = (
  control: ControlState,
  config: PipelineConfig,
  rising: ReadonlyMap<string, Control>,
  doing: string,
): void => {
  for (const record of rising.values()) {
    for (const input of generationOf(record, config).inputs) {
      const key = refKey(input)
      if (rising.has(key) || control.generations.get(key)?.state === 'live') continue
      throw new KalamError('usage', `${doing}: ${refText(input)}, which it reads, is not live`, {
        hint: `kalam promote ${input.stage === 'score' ? input.line : `${input.stage}/${input.line}`}   makes it live, and what is built on it.`,
      })
    }
  }
}

const withFalling = (
  control: ControlState,
  config: PipelineConfig,
  rising: ReadonlyMap<string, Control>,
  doing: string,
): Promotion => {
  const falling = new Map<string, Control>()
  for (const { stage, line, generation } of rising.values()) {
    const live = liveGeneration(control, stage, line)
    if (live && live.generation > generation) {
      throw new KalamError(
        'usage',
        `${doing}: ${stage} ${line} is live with a newer generation than the one built with it`,
        {
          hint: `Build it anew from the present pipeline.yaml: kalam replay ${doing.split(' ').slice(1).join('/')}. Known answers cost nothing.`,
        },
      )
    }
    if (live) falling.set(generationKey(live), live)
  }
  const ending = new Map<string, Control>()
  for (const { stage, line } of linesOf(config)) {
    for (const record of generationsOf(control, stage, line)) {
      const key = generationKey(record)
      if (rising.has(key) || falling.has(key) || (record.state !== 'live' && record.state !== 'building')) continue
      const successor = [...rising.values()].find((one) => one.stage === stage && one.line === line)
      const isOlder =
        record.state === 'building' && isPromotable(record) && record.generation < (successor?.generation ?? 0)
      const orphaned = generationOf(record, config).inputs.some(
        (input) => falling.has(refKey(input)) || ending.has(refKey(input)),
      )
      if (!isOlder && !orphaned) continue
      if (record.state === 'live') {
        throw new KalamError('usage', `${doing}: ${stage} ${line} is live and reads what it replaces`, {
          hint: `Build it anew as well, then promote again: kalam replay ${stage}/${line}, or replay the line before it.`,
        })
      }
      ending.set(key, record)
    }
  }
  return { rising: [...rising.values()], falling: [...falling.values()], ending: [...ending.values()] }
}

/** Lines whose rising generation has not come as far as the falling one yet, as `stage line`. */
export const notYetPassed = async (
  log: Log,
  config: PipelineConfig,
  { rising, falling }: Promotion,
): Promise<Generation[]> => {
  const behind: Generation[] = []
  for (const record of rising) {
    const next = generationOf(record, config)
    const before = falling.find(({ stage, line }) => stage === record.stage && line === record.line)
    if (before && !(await hasPassed(log, config.pipeline, next, generationOf(before, config)))) behind.push(next)
  }
  return behind
}

const hasPassed = async (log: Log, pipeline: string, next: Generation, before: Generation): Promise<boolean> => {
  const [to, from] = [topicOf(pipeline, next), topicOf(pipeline, before)]
  for (const partition of (await log.ends(from)).keys())
    if ((await lastPlace(log, to, partition)) < (await lastPlace(log, from, partition))) return false
  return true
}

/** How a promotion is carried out. */
export interface PromoteOptions {
  log: Log
  feed: ControlFeed
  config: PipelineConfig
  of: { stage: string; line: string }
  /** Whether somebody works on the lines, so that waiting leads somewhere. */
  isRunning: boolean
  /** What is superseded is not deleted after seven days. */
  keep: boolean
  now(): number
}

const pollMs = 100

/**
 * Makes a line's building generation live, and those after it: the live ones are held, the new ones pass them, and one control
 * transaction changes places. Safe to repeat: held ones stay live until then. Resolves with undefined when nothing was building.
 */
export const promote = async (options: PromoteOptions): Promise<Promotion | undefined> => {
  const { log, feed, config, of, isRunning } = options
  await feed.refresh()
  const first = promotionOf(feed.state, config, of)
  if (!first) return undefined
  const behind = await notYetPassed(log, config, first)
  if (behind.length > 0) {
    refusePaused(feed.state, first, `promoting ${of.stage} ${of.line}`)
    if (!isRunning) {
      throw new KalamError(
        'usage',
        `promoting ${of.stage} ${of.line}: ${behind.map(refText).join(', ')} has not caught up with the live one`,
        {
          hint:
            config.log === 'embedded'
              ? 'kalam run   builds it to the end; then promote it. With kalam run --follow it can be promoted meanwhile.'
              : 'The services build it; promote it once it has caught up. kalam status   shows how far it is.',
        },
      )
    }
    await feed.change((state) =>
      (promotionOf(state, config, of)?.falling ?? []).filter(({ held }) => !held).map(heldEntry),
    )
  }
  for (;;) {
    const promotion = promotionOf(feed.state, config, of)
    if (!promotion) return undefined
    if ((await notYetPassed(log, config, promotion)).length === 0) break
    await sleep(pollMs)
  }
  let done: Promotion | undefined
  await feed.change((state) => {
    done = promotionOf(state, config, of)
    return done ? promotedEntries(done, options) : []
  })
  return done
}

/** A paused line would never come as far as the live one. */
const refusePaused = (control: ControlState, { rising }: Promotion, doing: string): void => {
  const paused = rising.find(({ stage, line }) => stage === 'translate' && pauseOf(control, line) !== undefined)
  if (paused)
    throw new KalamError('usage', `${doing}: ${paused.line} is paused`, {
      hint: `kalam resume ${paused.line}   first.`,
    })
}

const heldEntry = (body: Control): ControlEntry => ({ key: generationKey(body), body: { ...body, held: true } })

const promotedEntries = ({ rising, falling, ending }: Promotion, { keep, now }: PromoteOptions): ControlEntry[] => {
  const at = now()
  const stopped = [...falling, ...ending].map((body) => ({
    ...body,
    ...{ state: 'stopped', held: false, stopped_at: at, kept: body.kept || keep },
  }))
  const live = rising.map((body) => ({ ...body, state: 'live', promoted_at: at }))
  return [...stopped, ...live].map((body) => ({ key: generationKey(body), body }))
}
