import type { Command } from 'commander'
import type { Io } from '../io.ts'
import { configCheck } from './config-check.ts'
import { configSchema } from './config-schema.ts'

/** Adds `check` and `schema` to `kalam config`. */
export const addConfigCommands = (config: Command, io: Io, done: (code: number) => void): void => {
  config
    .command('check [pipeline]')
    .description('check pipeline.yaml and print it with its defaults')
    .addHelpText('after', '\nExamples:\n  kalam config check   every problem at once, with line and column\n')
    .action(async (file: string | undefined) => done(await configCheck(file ?? 'pipeline.yaml', io)))
  config
    .command('schema')
    .description('print the JSON Schema of pipeline.yaml, for editors')
    .addHelpText('after', '\nExamples:\n  kalam config schema > pipeline.schema.json\n')
    .action(() => done(configSchema(io)))
}
