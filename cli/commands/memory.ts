import type { Command } from 'commander'
import type { Io } from '../io.ts'
import type { WithTranslation } from '../program.ts'
import { memoryExport } from './memory-export.ts'
import { memoryImport } from './memory-import.ts'
import { memoryPrune, type PruneOptions } from './memory-prune.ts'
import { memoryStats } from './memory-stats.ts'

/** Adds `stats`, `export`, `import` and `prune` to `kalam memory`; none of them needs topics, tables or a run. */
export const addMemoryCommands = (
  memory: Command,
  { io, open, done }: { io: Io; open: WithTranslation; done: (code: number) => void },
): void => {
  const command = (name: string, description: string) =>
    memory
      .command(name)
      .description(description)
      .exitOverride()
      .configureOutput({ writeOut: io.out, writeErr: io.err })
      .option('-p, --pipeline <file>', 'the pipeline', 'pipeline.yaml')
  command('stats', 'how many answers there are, of which models, and what was spent, reserved and in doubt')
    .option('--json', 'for machines; money in nano-dollars', false)
    .addHelpText('after', statsExamples)
    .action((options: { pipeline: string; json: boolean }) =>
      open(options.pipeline, (opened, to) => memoryStats(opened, options, to)).then(done),
    )
  command('export [file]', 'all answers as JSONL of {"key", "answer"}, to a file or to stdout')
    .option('--shared', 'what all machines know, of a memory that is shared', false)
    .addHelpText('after', exportExamples)
    .action((file: string | undefined, options: { pipeline: string; shared: boolean }) =>
      open(options.pipeline, (opened, to) => memoryExport(opened, { file, shared: options.shared }, to)).then(done),
    )
  command('import <file>', 'take up exported answers; a key that has one keeps it')
    .addHelpText('after', importExamples)
    .action((file: string, options: { pipeline: string }) =>
      open(options.pipeline, (opened, to) => memoryImport(opened, file, to)).then(done),
    )
  command('prune', 'forget old answers, or those of a model; what was spent stays booked')
    .option('--older-than <days>', 'answers that came before that, as 90d')
    .option('--model <name>', 'answers of this model')
    .option('--shared', 'also in the memory that is shared, for everybody', false)
    .option('--dry', 'only count them', false)
    .addHelpText('after', pruneExamples)
    .action((options: PruneOptions & { pipeline: string }) =>
      open(options.pipeline, (opened, to) => memoryPrune(opened, options, to)).then(done),
    )
}

const statsExamples = `
Examples:
  kalam memory stats          reads every answer: about a second for each 100,000
  kalam memory stats --json | jq '.accounts[] | {name, usd: (.spent.nano / 1e9)}'
`
const exportExamples = `
Examples:
  kalam memory export answers.jsonl
  kalam memory export | gzip > answers.jsonl.gz
`
const importExamples = `
Examples:
  kalam memory import answers.jsonl
  gunzip -c answers.jsonl.gz | kalam memory import -

Imported answers were paid elsewhere: nothing is booked for them, and no budget gets smaller.
A bad line is told with its number, the rest goes on; then the exit code is 1.
`
const pruneExamples = `
Examples:
  kalam memory prune --older-than 90d --dry      how many that would be
  kalam memory prune --model google/gemma-3-27b-it

Records that were made of them stay as they are. A replay that needs a forgotten answer asks, and pays, again.
`
