import { type Command, Option } from 'commander'
import type { WithTranslation } from '../program.ts'
import { memoryExport } from './memory-export.ts'
import { memoryImport } from './memory-import.ts'
import { memoryPrune, type PruneOptions } from './memory-prune.ts'
import { memoryStats } from './memory-stats.ts'

/** What these commands are made with. */
export interface MemoryCommandParts {
  command(name: string, description: string): Command
  withPipeline(name: string, description: string, parent?: Command): Command
  exampled(of: Command, ...examples: readonly (readonly [command: string, what: string])[]): Command
  /** Opens the memory, in this process also beside a run. */
  withMemory: WithTranslation
  done(code: number): void
}

/** Adds `kalam memory` with `stats`, `export`, `import` and `prune`; none of them needs topics, tables or a run. */
export const addMemoryCommands = ({ command, withPipeline, exampled, withMemory, done }: MemoryCommandParts): void => {
  const memory = command('memory', 'the answers that are known, and what was spent')
  exampled(
    withPipeline('stats', 'answers by model, what was spent, and how many answers are shared', memory).option(
      '--json',
      'for machines; money in nano-dollars',
      false,
    ),
    ['kalam memory stats', 'reads every answer: about a second for each 100,000'],
    ["kalam memory stats --json | jq '.accounts[] | {name, usd: (.spent.nano / 1e9)}'", 'money by translator'],
  ).action((options: { pipeline: string; json: boolean }) =>
    withMemory(options.pipeline, (opened, to) => memoryStats(opened, options, to)).then(done),
  )
  exampled(
    withPipeline(
      'export [file]',
      'every answer of this machine as a line of JSON, to a file or to stdout',
      memory,
    ).option('--shared', 'what all machines know, of a memory that is shared', false),
    ['kalam memory export answers.jsonl', 'the file is there as a whole or not at all'],
    ['kalam memory export | gzip > answers.jsonl.gz', 'without a file to stdout'],
  ).action((file: string | undefined, options: { pipeline: string; shared: boolean }) =>
    withMemory(options.pipeline, (opened, to) => memoryExport(opened, { file, shared: options.shared }, to)).then(done),
  )
  exampled(
    withPipeline('import <file>', 'answers that another memory exported, also for those who share this one', memory),
    ['kalam memory import answers.jsonl', 'known ones stay; nothing is booked: they were paid for elsewhere'],
    ['gunzip -c answers.jsonl.gz | kalam memory import -', 'exit code 1 when a line was bad; the rest goes on'],
  ).action((file: string, options: { pipeline: string }) =>
    withMemory(options.pipeline, (opened, to) => memoryImport(opened, file, to)).then(done),
  )
  addPrune({ withPipeline, exampled, withMemory, done }, memory)
}

const addPrune = (
  { withPipeline, exampled, withMemory, done }: Omit<MemoryCommandParts, 'command'>,
  memory: Command,
): void => {
  const givenUp = new Option('--given-up', 'calls that were given up, so that they are made again').default(false)
  exampled(
    withPipeline('prune', 'forget answers of this machine; asked again they cost again', memory)
      .option('--older-than <days>', 'answers that came before that, as 90d')
      .option('--model <name>', 'answers of this model')
      .addOption(givenUp.conflicts(['olderThan', 'model', 'shared']))
      .option('--shared', 'also in the memory that is shared, for everybody', false)
      .option('--dry', 'only count them', false),
    ['kalam memory prune --older-than 90d --dry', 'how many that would be; what was spent stays booked'],
    ['kalam memory prune --model google/gemma-3-27b-it', 'what was made of them stays as it is'],
  ).action((options: PruneOptions & { pipeline: string }) =>
    withMemory(options.pipeline, (opened, to) => memoryPrune(opened, options, to)).then(done),
  )
}
