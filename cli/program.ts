import { Command, CommanderError, Option } from 'commander'
import type { BesideAnswer, BesideRequest } from './beside-run.ts'
import { addConfigCommands } from './commands/config-commands.ts'
import { exportCommand } from './commands/export.ts'
import { init } from './commands/init.ts'
import { inspect } from './commands/inspect.ts'
import { plan } from './commands/plan.ts'
import { reportCommand } from './commands/report.ts'
import { run } from './commands/run.ts'
import { sql } from './commands/sql.ts'
import { status } from './commands/status.ts'
import { verify } from './commands/verify.ts'
import { why } from './commands/why.ts'
import { errorText } from './display/error-text.ts'
import type { Io } from './io.ts'
import { version } from './version.ts'
import type { Workspace } from './workspace.ts'

/** Gives a command the pipeline's workspace: opened for it, or the one of the run it works beside. */
export type WithWorkspace = (file: string, work: (workspace: Workspace, io: Io) => Promise<number>) => Promise<number>

const usageCode = 2

/** Parses and runs one command line; resolves with the exit code. Errors are printed for a person. */
export const runProgram = async (argv: string[], io: Io, withWorkspace: WithWorkspace): Promise<number> => {
  let code = 0
  const program = buildProgram(io, withWorkspace, (result) => {
    code = result
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : usageCode
    io.err(`${errorText(thrown, io.env.KALAM_DEBUG !== undefined)}\n`)
    return 1
  }
}

/** Runs another process's command with the workspace of this run. */
export const runBeside = async (
  request: BesideRequest,
  workspace: Workspace,
  env: NodeJS.ProcessEnv,
): Promise<BesideAnswer> => {
  const answer: BesideAnswer = { out: '', err: '', code: 0 }
  const io: Io = {
    out: (text) => {
      answer.out += text
    },
    err: (text) => {
      answer.err += text
    },
    env,
    columns: request.columns,
    isTty: request.isTty,
  }
  answer.code = await runProgram(request.argv, io, (_file, work) => work(workspace, io))
  return answer
}

const buildProgram = (io: Io, withWorkspace: WithWorkspace, done: (code: number) => void): Command => {
  const program = new Command('kalam')
  program
    .description(
      'Translates English chat datasets into Arabic with several translators, ranks the candidates, and keeps the best.',
    )
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('kalam --help shows all commands')
    .addHelpText(
      'after',
      `
A pipeline is one file, pipeline.yaml: sources → chunkings → translators → rankings.

  kalam init data.jsonl        writes one for your data
  kalam plan                   what a run would do, without doing it
  kalam run                    does it; Ctrl-C is safe, run again to go on
  kalam status                 how far every stage is, also beside a run
  kalam why source/split/12    why a conversation was kept, dropped or never came in

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 --strict and something failed, 4 stopped by a budget or a pause.`,
    )
  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .exitOverride()
      .configureOutput({ writeOut: io.out, writeErr: io.err })
  const pipelineOption = () => new Option('-p, --pipeline <file>', 'the pipeline').default('pipeline.yaml')
  const withPipeline = (name: string, description: string) => command(name, description).addOption(pipelineOption())
  const open = (options: { pipeline: string }, work: (workspace: Workspace, io: Io) => Promise<number>) =>
    withWorkspace(options.pipeline, work).then(done)

  command('init <file>', 'look at a data file and write a pipeline.yaml for it')
    .option('-o, --output <file>', 'where to write it', 'pipeline.yaml')
    .action(async (file: string, options: { output: string }) => done(await init(file, options.output, io)))
  command('run [pipeline]', 'run every stage until the sources are exhausted, then export and report')
    .option('--follow', 'go on for ever, as files grow', false)
    .option('--strict', 'exit with 3 when a row was bad or a chunk failed', false)
    .action(async (file: string | undefined, options: { follow: boolean; strict: boolean }) =>
      done(await run(file ?? 'pipeline.yaml', options, io)),
    )
  command('plan [pipeline]', 'what a run would do: new, edited and unchanged lines').action(
    async (file: string | undefined) => done(await plan(file ?? 'pipeline.yaml', io)),
  )
  withPipeline('status', 'how far every line is, in records')
    .option('--json', 'for machines', false)
    .action((options: { pipeline: string; json: boolean }) =>
      open(options, (workspace, to) => status(workspace, options.json, to)),
    )
  withPipeline('report', 'write report.md and report.html').action((options: { pipeline: string }) =>
    open(options, reportCommand),
  )
  withPipeline('export [ranking]', 'write the datasets: Parquet, JSONL and a card').action(
    (ranking: string | undefined, options: { pipeline: string }) =>
      open(options, (workspace, to) => exportCommand(workspace, ranking, to)),
  )
  withPipeline('inspect <id>', 'a conversation with all its candidates')
    .option('--ranking <name>', 'whose verdict to show')
    .option('--full', 'whole texts', false)
    .option('--json', 'for machines', false)
    .action((id: string, options: { pipeline: string; ranking?: string; full: boolean; json: boolean }) =>
      open(options, (workspace, to) => inspect(workspace, id, options, to)),
    )
  withPipeline('why <what>', 'why a conversation (id) or a row (file:line) was kept, dropped or never came in').action(
    (what: string, options: { pipeline: string }) => open(options, (workspace, to) => why(workspace, what, to)),
  )
  withPipeline('sql <query>', 'ask the tables; docs/sql.md lists them')
    .addOption(new Option('--format <name>').choices(['table', 'json', 'csv']).default('table'))
    .action((query: string, options: { pipeline: string; format: 'table' | 'json' | 'csv' }) =>
      open(options, (workspace, to) => sql(workspace, query, options.format, to)),
    )
  withPipeline('verify', 'read the topics from outside and check that nothing is lost or doubled').action(
    (options: { pipeline: string }) => open(options, verify),
  )
  addConfigCommands(command('config', 'the pipeline file'), io, done)
  return program
}
