import type { Command } from 'commander'
import type { Io } from '../io.ts'
import type { WithPipeline, WithTranslation } from '../program.ts'
import { type TryOptions, tryCommand } from './try.ts'

/** Adds `kalam try`. */
export const addTryCommand = (
  program: Command,
  {
    done,
    ...parts
  }: { io: Io; withTranslation: WithTranslation; withPipeline: WithPipeline; done: (code: number) => void },
): void => {
  program
    .command('try <translator> <what>')
    .description('translate a text, or a conversation by its id, and show every request, answer and check')
    .exitOverride()
    .configureOutput({ writeOut: parts.io.out, writeErr: parts.io.err })
    .option('-p, --pipeline <file>', 'the pipeline', 'pipeline.yaml')
    .option('--dry', 'show what would be asked, and call nothing', false)
    .option('--json', 'for machines', false)
    .addHelpText('after', examples)
    .action((line: string, what: string, options: TryOptions) => tryCommand({ line, what, options }, parts).then(done))
}

const examples = `
Examples:
  kalam try gemma3 'Run \`npm test\` first.'   a text, as one segment; the pipeline need not have run
  kalam try gemma3 source/split/12           every chunk of a conversation; source/split/12#0 is its first message
  kalam try gemma3 source/split/12 --dry     the requests, and which answers are in the memory

Answers come from the memory where it has them; others are paid, stored and booked as in a run.
The translator is as pipeline.yaml has it now, also beside a run that goes on with what it was started with.
`
