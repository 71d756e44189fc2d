import type { Command } from 'commander'
import { KalamError } from '../../dataflow/error.ts'
import { findDeadLetters, listDeadLetters } from '../../services/dead-letters.ts'
import { nearName } from '../../services/near-name.ts'
import { deadLetterJson, deadLetterTable, deadLetterText } from '../display/dead-letter-text.ts'
import type { Io } from '../io.ts'
import type { WithPipeline } from '../program.ts'
import type { OpenedPipeline } from '../workspace.ts'

/** Adds `list` and `show` to `kalam dead-letters`; both read the topic, so that they need no warehouse. */
export const addDeadLetterCommands = (command: Command, open: WithPipeline, done: (code: number) => void): void => {
  const pipeline = ['-p, --pipeline <file>', 'the pipeline', 'pipeline.yaml'] as const
  command
    .command('list')
    .description('rows that did not come in and records that were passed over, the newest first')
    .option(...pipeline)
    .option('--reason <code>', 'only those with this reason')
    .option('--limit <n>', 'the most that are shown', '50')
    .option('--json', 'a line of JSON each, without the texts', false)
    .addHelpText('after', listExamples)
    .action((options: ListOptions & { pipeline: string }) =>
      open(options.pipeline, (opened, io) => deadLettersList(opened, options, io)).then(done),
    )
  command
    .command('show <id>')
    .description('everything that is kept of one: why, where, and its first 64 KiB')
    .option(...pipeline)
    .addHelpText('after', showExamples)
    .action((id: string, options: { pipeline: string }) =>
      open(options.pipeline, (opened, io) => deadLettersShow(opened, id, io)).then(done),
    )
}

interface ListOptions {
  reason?: string
  limit: string
  json: boolean
}

const listExamples = `
Examples:
  kalam dead-letters list --reason null_messages
  kalam dead-letters list --limit 100000 --json | jq -r .file | sort | uniq -c
`
const showExamples = `
Examples:
  kalam dead-letters show source/split/12           a row, by its id
  kalam dead-letters show pipe.messages/3/1204      a record, by topic, partition and offset
`

const deadLettersList = async (
  { log, codec, topics }: OpenedPipeline,
  { reason, limit, json }: ListOptions,
  io: Io,
): Promise<number> => {
  if (!/^[1-9]\d{0,8}$/.test(limit))
    throw new KalamError('usage', `reading --limit: ${JSON.stringify(limit)} is no number from 1 on`)
  const from = { log, codec, topic: topics.deadLetters }
  const list = await listDeadLetters(from, { ...(reason !== undefined && { reason }), limit: Number(limit) })
  if (reason !== undefined && list.found.length === 0) await refuseUnknown(from, reason)
  io.out(json ? list.found.map((one) => `${deadLetterJson(one)}\n`).join('') : deadLetterTable(list, io.columns))
  return 0
}

/** A reason that no dead letter has is told when it looks like one that some have. */
const refuseUnknown = async (from: Parameters<typeof listDeadLetters>[0], reason: string): Promise<void> => {
  const { reasons } = await listDeadLetters(from, { limit: 1 })
  const names = reasons.map((one) => one.reason)
  const near = nearName(reason, names)
  if (names.length === 0) return
  throw new KalamError('not_found', `looking for dead letters: none has the reason ${JSON.stringify(reason)}`, {
    hint: `${near === undefined ? '' : `Did you mean ${near}?\n`}There are: ${names.join(', ')}.`,
  })
}

const deadLettersShow = async ({ log, codec, topics }: OpenedPipeline, id: string, io: Io): Promise<number> => {
  const topic = topics.deadLetters
  const found = await findDeadLetters({ log, codec, topic }, id)
  if (found.length === 0) {
    throw new KalamError('not_found', `looking for the dead letter ${id}: there is none`, {
      hint: 'kalam dead-letters list shows their ids. What became of a conversation tells kalam why.',
    })
  }
  io.out(found.map((one) => deadLetterText(one, topic, io.columns)).join('\n'))
  return 0
}
