import { statfs } from 'node:fs/promises'
import { formatBytes, formatCount, formatNumber } from '../../core/report/format.ts'
import type { ControlEntry } from '../../dataflow/control.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { GenerationRef } from '../../services/generations.ts'
import { refText } from '../../services/generations.ts'
import { readCheckpoints } from '../../services/ingest/read-checkpoints.ts'
import { nearName } from '../../services/near-name.ts'
import { generationTopics, replayGenerations } from '../../services/plan-generations.ts'
import { type AskedFilter, estimateReplay, filterFields, lineNamed, refuseFullDisk } from '../../services/replay.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

/** `kalam replay <line>`: builds the line and all after it anew from the present pipeline.yaml, beside the live ones. */
export const replay = async (workspace: Workspace, name: string, asked: AskedFilter, io: Io): Promise<number> => {
  await workspace.reload()
  const { config, log, codec, feed, makeLines, stateFolder } = workspace
  const { pipeline, partitions } = config
  const line = lineNamed(config, name)
  const share = await shareOf(workspace, asked)
  const filter = await filterFields({ log, pipeline }, asked)
  await feed.refresh()
  const entriesOf = (control: Workspace['control']) =>
    replayGenerations({ control, make: makeLines, now: Date.now() }, line, filter)
  const planned = entriesOf(feed.state)
  const estimate = await estimateReplay({ log, codec, control: feed.state, config }, planned, share)
  const { bavail, blocks, bsize } = await statfs(stateFolder)
  const disk = { free: bavail * bsize, total: blocks * bsize }
  refuseFullDisk(estimate.bytes, disk, `replaying ${name}`)
  io.out(`builds beside the live ones: ${planned.map(entryText).join(', ')}\n`)
  io.out(`writes about ${formatBytes(estimate.bytes)}, ${formatBytes(disk.free)} are free\n`)
  for (const { line: translator, most, remembered } of estimate.calls)
    io.out(
      remembered
        ? `${translator}: no calls, its answers are in the memory\n`
        : `${translator}: about ${formatCount(most, 'call')} at most\n`,
    )
  await feed.change(async (control) => {
    const entries = entriesOf(control)
    // Who sees a record finds its topic.
    await log.createTopics(
      generationTopics(
        pipeline,
        partitions,
        entries.map(({ body }) => body),
      ),
    )
    return entries
  })
  const isWhole = asked.limit === undefined && asked.split === undefined
  const next = isWhole
    ? `kalam promote ${name}   makes it live when it has caught up`
    : 'It is a part, and never made live.'
  io.out(`\n${builtBy(workspace)}\n${next}\n`)
  return 0
}

/** Who builds what is planned. */
const builtBy = ({ isRunning, config }: Workspace): string => {
  if (isRunning) return 'The run builds it now.'
  return config.log === 'embedded' ? 'kalam run   builds it.' : 'The services build it.'
}

const entryText = ({ body }: ControlEntry): string => refText(body as GenerationRef)

/** The share of all conversations that a filter takes, about. */
const shareOf = async ({ log, codec, topics }: Workspace, { split, limit }: AskedFilter): Promise<number> => {
  const { rowsOfSplit, rowsOfSource } = await readCheckpoints(log, codec, topics)
  if (split !== undefined && !rowsOfSplit.has(split)) {
    const splits = [...rowsOfSplit.keys()]
    throw new KalamError('not_found', `replaying split ${split}: no row of it has been read`, {
      hint: `${nearName(split, splits) === undefined ? `Splits: ${splits.slice(0, 8).join(', ')}.` : `Did you mean ${nearName(split, splits)}?`}`,
    })
  }
  const rows = split === undefined ? rowsOfSource : (rowsOfSplit.get(split) ?? 0)
  const taken = limit === undefined ? rows : Math.min(limit, rows)
  return rowsOfSource === 0 ? 1 : taken / rowsOfSource
}

/** A whole number above zero of an option. */
export const wholeNumber = (option: string, text: string): number => {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new KalamError('usage', `reading ${option} ${text}: it is no whole number above 0`, {
    hint: `Write it like ${option} ${formatNumber(1000).replaceAll(',', '')}.`,
  })
}
