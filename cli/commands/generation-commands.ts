import type { Command } from 'commander'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'
import { dropCommand, keepCommand, listGenerations } from './generations.ts'
import { pause, resume } from './pause.ts'
import { promoteCommand } from './promote.ts'
import { replay, wholeNumber } from './replay.ts'
import { type RetryOptions, retry } from './retry.ts'

/** What these commands are made with. */
export interface GenerationCommandParts {
  command(name: string, description: string): Command
  withPipeline(name: string, description: string, parent?: Command): Command
  exampled(of: Command, ...examples: readonly (readonly [command: string, what: string])[]): Command
  open(options: { pipeline: string }, work: (workspace: Workspace, io: Io) => Promise<number>): Promise<void>
}

type InPipeline = { pipeline: string }

/** Adds `replay`, `promote`, `retry`, `generations`, `pause` and `resume`. */
export const addGenerationCommands = (parts: GenerationCommandParts): void => {
  const { withPipeline, exampled, open } = parts
  exampled(
    withPipeline('replay <line>', 'build a line and all after it anew from pipeline.yaml, beside the live ones')
      .option('--split <name>', 'only conversations of this split; never made live')
      .option('--limit <n>', 'only so many conversations; never made live'),
    ['kalam replay lines25', 'a chunking with its new settings; answers that are known cost nothing'],
    ['kalam replay release', 'a ranking, also while a run is on'],
    ['kalam replay gemma3 --limit 1000', 'a part, to look at before the whole'],
    ['kalam replay score/gemma3', 'stage/line, where one name is not enough'],
  ).action((line: string, { split, limit, ...options }: InPipeline & { split?: string; limit?: string }) =>
    open(options, (workspace, to) =>
      replay(workspace, line, { split, limit: limit === undefined ? undefined : wholeNumber('--limit', limit) }, to),
    ),
  )
  exampled(
    withPipeline('promote <line>', 'make live what replay has built, and what is built on it').option(
      '--keep',
      'do not delete what it replaces after 7 days',
      false,
    ),
    ['kalam promote lines25', 'when it has caught up with the live one; beside a run it waits for that'],
    ['kalam promote release --keep', 'the old one stays readable'],
  ).action((line: string, { keep, ...options }: InPipeline & { keep: boolean }) =>
    open(options, (workspace, to) => promoteCommand(workspace, line, keep, to)),
  )
  exampled(
    withPipeline('retry <line>', 'ask anew for chosen chunks only; their answers take the place of the old ones')
      .option('--reason <reason...>', 'chunks that failed so, as placeholders or server_error', [])
      .option('--ids <file>', 'conversations by id, or messages as id#3, one per line; - reads them from stdin')
      .option('--where <sql>', 'messages by a condition on v_chunks')
      .option('--attempts <n>', 'attempts on top of those before', '5')
      .option('--set <key=value...>', 'other settings of the translator for these attempts', [])
      .option('--dry', 'only say what it takes', false),
    ['kalam retry gemma3 --reason placeholders', 'what broke on the way'],
    ['kalam retry gemma3 --ids bad.txt --set sampling.temperature=0.7', 'what somebody did not like'],
    ['kalam retry seedx --where "attempts > 2" --dry', 'calls and dollars, before anything is asked'],
  ).action(
    (
      line: string,
      { attempts, pipeline, ...options }: InPipeline & Omit<RetryOptions, 'attempts'> & { attempts: string },
    ) =>
      open({ pipeline }, (workspace, to) =>
        retry(workspace, line, { ...options, attempts: wholeNumber('--attempts', attempts) }, to),
      ),
  )
  exampled(
    withPipeline('pause <line>', 'stop a translator line; rankings wait for it').option(
      '--rank-without',
      'rankings go on without it: its chunks are skipped until resume',
      false,
    ),
    ['kalam pause gemma3', 'also while a run is on'],
    ['kalam pause gemma3 --rank-without', 'what is skipped stays skipped'],
  ).action((line: string, { rankWithout, ...options }: InPipeline & { rankWithout: boolean }) =>
    open(options, (workspace, to) => pause(workspace, line, rankWithout, to)),
  )
  exampled(withPipeline('resume <line>', 'let a paused translator line go on'), [
    'kalam resume gemma3',
    'where it stopped',
  ]).action((line: string, options: InPipeline) => open(options, (workspace, to) => resume(workspace, line, to)))
  addListCommands(parts)
}

const addListCommands = ({ command, withPipeline, exampled, open }: GenerationCommandParts): void => {
  const generations = command('generations', 'the generations of every line: list, drop, keep')
  exampled(
    withPipeline('list', 'every generation with its state, inputs, filter, size and age', generations).option(
      '--json',
      'for machines',
      false,
    ),
    ['kalam generations list', 'sizes are estimated from a sample'],
  ).action(({ json, ...options }: InPipeline & { json: boolean }) =>
    open(options, (workspace, to) => listGenerations(workspace, json, to)),
  )
  exampled(withPipeline('drop <line> <n>', 'delete a generation that is not live, and what reads it', generations), [
    'kalam generations drop lines25 1',
    'its topic, positions and rows',
  ]).action((line: string, n: string, options: InPipeline) =>
    open(options, (workspace, to) => dropCommand(workspace, line, n, to)),
  )
  exampled(withPipeline('keep <line> <n>', 'do not delete a replaced generation after 7 days', generations), [
    'kalam generations keep lines25 1',
    'until it is dropped',
  ]).action((line: string, n: string, options: InPipeline) =>
    open(options, (workspace, to) => keepCommand(workspace, line, n, to)),
  )
}
