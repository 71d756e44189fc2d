import { readFileSync } from 'node:fs'
import { formatCount, formatUsd } from '../../core/report/format.ts'
import { liveGeneration } from '../../dataflow/control.ts'
import { KalamError, messageOf } from '../../dataflow/error.ts'
import { pipelineSchema } from '../../services/config.ts'
import { topicOf } from '../../services/generations.ts'
import { generationTopics, replayGenerations } from '../../services/plan-generations.ts'
import { promote } from '../../services/promote.ts'
import { lineNamed } from '../../services/replay.ts'
import { retryCost } from '../../services/retry-cost.ts'
import { type RetryRule, withSet } from '../../services/translate/retries.ts'
import type { Io } from '../io.ts'
import { landControl } from '../land-control.ts'
import type { Workspace } from '../workspace.ts'
import { promoteCommand } from './promote.ts'

/** Options of `kalam retry`, as they are written. */
export interface RetryOptions {
  reason: string[]
  ids?: string | undefined
  where?: string | undefined
  attempts: number
  set: string[]
  dry: boolean
}

/** Ids travel in the control topic, whose records are small. */
const mostIds = 10_000
const everything = { only_splits: [], row_limit: 0, ordinals_below: [] }

/**
 * `kalam retry <line>`: asks anew for the chunks that are chosen, and only for those, in a new generation that takes the place of the
 * live one; all other answers come from the memory. Says first what it takes.
 */
export const retry = async (workspace: Workspace, name: string, options: RetryOptions, io: Io): Promise<number> => {
  const { config, log, codec, feed, makeLines } = workspace
  const of = lineNamed(config, name)
  if (of.stage !== 'translate') throw new KalamError('usage', `retrying ${name}: it is no translator line`)
  await feed.refresh()
  const live = liveGeneration(feed.state, 'translate', of.line)
  if (!live) throw new KalamError('not_found', `retrying ${name}: nothing of it was built`, { hint: 'kalam run' })
  refuseAnother(workspace, of.line)
  const rule = await ruleOf(workspace, of.line, options)
  const topic = topicOf(config.pipeline, { ...of, generation: live.generation })
  const { chunks, calls, usd } = await retryCost({ log, codec }, topic, rule)
  const price = usd
    ? `, ${formatUsd(usd.low)} to ${formatUsd(usd.high)} by what its calls cost so far`
    : ', price not known'
  io.out(`asks anew for ${formatCount(chunks, 'chunk')} of ${of.line}: ${calls.low} to ${calls.high} calls${price}\n`)
  if (chunks === 0 || options.dry) return 0
  await feed.change(async (control) => {
    const parts = { control, make: makeLines, now: Date.now(), retry: { line: of.line, rule } }
    const entries = replayGenerations(parts, of, everything)
    const bodies = entries.map(({ body }) => body)
    await log.createTopics(generationTopics(config.pipeline, config.partitions, bodies))
    return entries
  })
  if (workspace.isRunning) return promoteCommand(workspace, name, false, io)
  io.out(
    config.log === 'embedded'
      ? 'kalam run   asks, and makes the answers live.\n'
      : `The services ask; kalam promote ${name}   makes it live once it has caught up.\n`,
  )
  return 0
}

/** A retry is built on what is live: one beside another would leave that one's answers out. */
const refuseAnother = ({ feed, config }: Workspace, line: string): void => {
  const other = [...feed.state.generations.values()].find(
    ({ stage, state, purpose }) => stage === 'translate' && state === 'building' && purpose === 'retry',
  )
  if (!other) return
  throw new KalamError('usage', `retrying ${line}: the answers of the retry of ${other.line} are not live yet`, {
    hint: `${config.log === 'embedded' ? 'kalam run' : `kalam promote ${other.line}`}   makes them live; or give them up:  kalam generations drop ${other.line} ${other.generation}`,
  })
}

/** Makes live what `retry` has built and what is through; tells of what is not, as that of a line that stands still. */
export const promoteRetries = async (workspace: Workspace, io: Io): Promise<void> => {
  const { log, feed, config } = workspace
  const built = [...feed.state.generations.values()].filter(
    ({ stage, state, purpose }) => stage === 'translate' && state === 'building' && purpose === 'retry',
  )
  for (const { stage, line } of built) {
    try {
      // Nobody works on the lines any more: what has not caught up would be waited for in vain.
      await promote({ log, feed, config, of: { stage, line }, isRunning: false, keep: false, now: Date.now })
    } catch (thrown) {
      if (!(thrown instanceof KalamError) || thrown.code !== 'usage') throw thrown
      io.err(`! the answers of the retry of ${line} are not live: ${thrown.message}\n`)
    }
  }
  if (built.length > 0) await landControl(workspace, AbortSignal.timeout(60_000))
}

const ruleOf = async (workspace: Workspace, line: string, options: RetryOptions): Promise<RetryRule> => {
  const { reason: reasons, attempts } = options
  const chosen = [
    ...(options.ids === undefined ? [] : idsIn(options.ids)),
    ...(options.where === undefined ? [] : await idsWhere(workspace, line, options.where)),
  ]
  const isNamed = options.ids !== undefined || options.where !== undefined
  if (!isNamed && reasons.length === 0) {
    throw new KalamError('usage', `retrying ${line}: it is not said which chunks`, {
      hint: '--reason placeholders   or --ids file, or --where "attempts > 1".',
    })
  }
  if (isNamed && chosen.length === 0) throw new KalamError('not_found', `retrying ${line}: nothing is chosen`)
  if (chosen.length > mostIds)
    throw new KalamError('usage', `retrying ${line}: ${chosen.length} ids are more than ${mostIds}`, {
      hint: 'Choose by --reason, or retry in parts.',
    })
  return { reasons, ids: [...new Set(chosen)].sort(), attempts, set: setOf(workspace, line, options.set) }
}

/** One id per line: `source/split/row`, or one message of it as `source/split/row#3`. */
const idsIn = (file: string): string[] => {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
      .split(/\s+/)
      .filter((id) => id !== '')
  } catch (thrown) {
    throw new KalamError('missing_file', `reading --ids ${file}: ${messageOf(thrown)}`)
  }
}

const idsWhere = async ({ warehouse }: Workspace, line: string, where: string): Promise<string[]> => {
  const sql = `SELECT DISTINCT concat(id, '#', toString(message_index)) AS chosen FROM v_chunks WHERE line = '${line}' AND (${where}) LIMIT ${mostIds + 1}`
  const rows = await warehouse.query<{ chosen: string }>(sql)
  return rows.map(({ chosen }) => chosen)
}

/** Settings that say which chunks a line has and how its answers are judged and paid: those of a retry are the line's. */
const asBuilt = new Set([
  ...['backend', 'module', 'chunking', 'splits', 'samples', 'attempts', 'masking', 'checks'],
  ...['slots', 'rates', 'budget'],
])

/** `key=value` pairs, checked as the translator's settings in pipeline.yaml are. */
const setOf = ({ config }: Workspace, line: string, pairs: readonly string[]): Record<string, unknown> => {
  const set = Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new KalamError('usage', `reading --set ${pair}: write it like sampling.temperature=0.7`)
      return [pair.slice(0, at), settingOf(pair.slice(at + 1))]
    }),
  )
  for (const key of Object.keys(set)) {
    const [first = ''] = key.split('.')
    if (!asBuilt.has(first)) continue
    throw new KalamError('usage', `reading --set ${key}: a retry keeps the line's own ${first}`, {
      hint: first === 'attempts' ? '--attempts says how many more there are.' : 'kalam replay builds the line anew.',
    })
  }
  const name = line.replace(/-s\d+$/, '') in config.translators ? line.replace(/-s\d+$/, '') : line
  const translators = { ...config.translators, [name]: withSet(config.translators[name]!, set) }
  const checked = pipelineSchema.safeParse({ ...config, translators })
  if (checked.success) return set
  const told = checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new KalamError('usage', `reading --set: ${told.join('; ')}`)
}

const settingOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
