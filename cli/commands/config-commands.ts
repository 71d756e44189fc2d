import type { Command } from 'commander'
import type { Io } from '../io.ts'
import { pipelineFile, samePipelineOption } from '../pipeline-file.ts'
import { configCheck } from './config-check.ts'
import { configSchema } from './config-schema.ts'

/** Adds `check` and `schema` to `kalam config`. */
export const addConfigCommands = (config: Command, io: Io, done: (code: number) => void): void => {
  config
    .command('check [pipeline]')
    .description('check pipeline.yaml and print it with its defaults')
    .option('--suite', 'call every translator and see whether it keeps to what kalam expects')
    .addOption(samePipelineOption())
    .addHelpText(
      'after',
      `
Examples:
  kalam config check           every problem at once, with line and column
  kalam config check --suite   about 25 calls of every translator; exit code 1 when one fails
`,
    )
    .action(async (file: string | undefined, options: { suite?: boolean; pipeline?: string }) =>
      done(await configCheck(pipelineFile(file, options), options, io)),
    )
  config
    .command('schema')
    .description('print the JSON Schema of pipeline.yaml, for editors')
    .addHelpText('after', '\nExamples:\n  kalam config schema > pipeline.schema.json\n')
    .action(() => done(configSchema(io)))
}
