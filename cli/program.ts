import { Command, CommanderError, Option } from 'commander'
import { KalamError } from '../dataflow/error.ts'
import type { BesideAnswer, BesideRequest } from './beside-run.ts'
import { addConfigCommands } from './commands/config-commands.ts'
import { addDeadLetterCommands } from './commands/dead-letters.ts'
import { type EstimateFlags, estimate, estimateOptions, positive, seedOf } from './commands/estimate.ts'
import { exportCommand } from './commands/export.ts'
import { addGenerationCommands } from './commands/generation-commands.ts'
import { init } from './commands/init.ts'
import { inspect } from './commands/inspect.ts'
import { addMemoryCommands } from './commands/memory.ts'
import { plan } from './commands/plan.ts'
import { reportCommand } from './commands/report.ts'
import { type RunOptions, run } from './commands/run.ts'
import { sql } from './commands/sql.ts'
import { status } from './commands/status.ts'
import { addTopicsCommands } from './commands/topics-commands.ts'
import { type TryOptions, tryCommand } from './commands/try.ts'
import { verify } from './commands/verify.ts'
import { verifyCompare } from './commands/verify-compare.ts'
import { why } from './commands/why.ts'
import { addWorkCommand } from './commands/work-command.ts'
import { errorText } from './display/error-text.ts'
import type { Io } from './io.ts'
import type { OpenedTranslation } from './open-translation.ts'
import { pipelineFile, samePipelineOption } from './pipeline-file.ts'
import { version } from './version.ts'
import type { OpenedPipeline, Workspace } from './workspace.ts'

/** Gives a command the pipeline's workspace: opened for it, or the one of the run it works beside. */
export type WithWorkspace = (file: string, work: (workspace: Workspace, io: Io) => Promise<number>) => Promise<number>
/** The same for commands that need no warehouse. */
export type WithPipeline = (
  file: string,
  work: (pipeline: OpenedPipeline, io: Io) => Promise<number>,
) => Promise<number>

/** The same for commands that need the memory and the translators alone, also of a pipeline that never ran. */
export type WithTranslation = (
  file: string,
  work: (translation: OpenedTranslation, io: Io) => Promise<number>,
) => Promise<number>

const usageCode = 2

/** Openers of parts of a workspace, in whose place that serves without them. */
export interface PartOpeners {
  withPipeline?: WithPipeline
  withTranslation?: WithTranslation
  /** In this process also beside a run: LMDB takes several, so that a long look at the memory holds no run up. */
  withMemory?: WithTranslation
}

/** Parses and runs one command line; resolves with the exit code. Errors are printed for a person. */
export const runProgram = async (
  argv: string[],
  io: Io,
  withWorkspace: WithWorkspace,
  withPipeline: WithPipeline = withWorkspace,
  openers: Omit<PartOpeners, 'withPipeline'> = {},
): Promise<number> => {
  let code = 0
  const done = (result: number) => {
    code = result
  }
  const program = buildProgram(io, withWorkspace, done, { withPipeline, ...openers })
  const deadLetters = program
    .command('dead-letters')
    .description('what could not come in or on, and why')
    .exitOverride()
  addDeadLetterCommands(deadLetters, withPipeline, done)
  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : usageCode
    io.err(`${errorText(thrown, io.env.KALAM_DEBUG !== undefined)}\n`)
    return thrown instanceof KalamError && thrown.code === 'usage' ? usageCode : 1
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
    cwd: request.cwd,
    columns: request.columns,
    isTty: request.isTty,
    again: (ms) => {
      answer.againMs = ms
    },
  }
  answer.code = await runProgram(request.argv, io, (_file, work) => work(workspace, io))
  return answer
}

const examplesText = (examples: readonly (readonly [command: string, what: string])[]): string => {
  const width = Math.max(...examples.map(([command]) => command.length))
  const fits = width <= 40
  const lines = examples.map(([command, what]) =>
    fits ? `  ${command.padEnd(width)}   ${what}` : `  ${command}\n      ${what}`,
  )
  return `\nExamples:\n${lines.join('\n')}\n`
}

/** All commands with their arguments and options; nothing is parsed or run yet. `done` is told the exit code. */
export const buildProgram = (
  io: Io,
  withWorkspace: WithWorkspace,
  done: (code: number) => void,
  openers: PartOpeners = {},
): Command => {
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
  kalam estimate               tokens, money and time, calling nothing
  kalam try <translator> text  one text, with request, answer and checks
  kalam run                    does it; Ctrl-C is safe, run again to go on
  kalam status                 how far every stage is, also beside a run
  kalam report                 tables and charts of what came out
  kalam why source/split/12    why a conversation was kept, dropped or never came in
  kalam replay <line>          builds it anew with edited settings, beside the live one

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 --strict and something failed, 4 stopped by a pause, a budget or a refused key, 130 by Ctrl-C.`,
    )
  const parts = commandParts(program, io, { withWorkspace, ...openers }, done)
  addWorkCommands(parts)
  addAskCommands(parts)
  addGenerationCommands(parts)
  addMemoryCommands(parts)
  return program
}

/** What the commands are made with. */
type CommandParts = ReturnType<typeof commandParts>

const commandParts = (
  program: Command,
  io: Io,
  openers: PartOpeners & { withWorkspace: WithWorkspace },
  done: (code: number) => void,
) => {
  const { withWorkspace, withPipeline: openPipeline = withWorkspace } = openers
  const { withTranslation = openPipeline, withMemory = withTranslation } = openers
  const command = (name: string, description: string, parent = program) =>
    parent.command(name).description(description).exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err })
  const exampled = (of: Command, ...examples: readonly (readonly [command: string, what: string])[]): Command =>
    of.addHelpText('after', examplesText(examples))
  const pipelineOption = () => new Option('-p, --pipeline <file>', 'the pipeline').default('pipeline.yaml')
  const withPipeline = (name: string, description: string, parent = program) =>
    command(name, description, parent).addOption(pipelineOption())
  const open = (options: { pipeline: string }, work: (workspace: Workspace, io: Io) => Promise<number>) =>
    withWorkspace(options.pipeline, work).then(done)
  return { io, done, withWorkspace, openPipeline, withTranslation, withMemory, command, exampled, withPipeline, open }
}

/** Commands that do the work and write its results. */
const addWorkCommands = ({ io, done, withWorkspace, command, exampled, withPipeline, open }: CommandParts): void => {
  exampled(
    command('init <file>', 'look at a data file and write a pipeline.yaml for it').option(
      '-o, --output <file>',
      'where to write it',
      'pipeline.yaml',
    ),
    ['kalam init data.jsonl', 'guesses the columns from 100 rows and shows three of them'],
    ['kalam init rows.parquet -o rows.yaml', 'another name for the pipeline'],
  ).action(async (file: string, options: { output: string }) => done(await init(file, options.output, io)))
  exampled(
    command('run [pipeline]', 'run every stage until the sources are exhausted, then export and report')
      .option('--follow', 'go on for ever, as files grow', false)
      .option('--strict', 'exit with 3 when a row was bad or a chunk failed', false)
      .addOption(
        new Option('--sample <rows>', 'run drawn rows of every split beside the pipeline, and measure')
          .argParser(positive)
          .conflicts('follow'),
      )
      .option('--seed <number>', 'which rows --sample draws', seedOf, 1)
      .addOption(
        new Option('--until-budget', 'begin although a budget is too small; every split gets its share')
          .default(false)
          .conflicts('follow'),
      )
      .addOption(samePipelineOption()),
    ['kalam run', 'runs pipeline.yaml; Ctrl-C and kill are safe, the same command goes on'],
    ['kalam run other.yaml --strict', 'exit code 3 when anything failed, for scripts'],
    ['kalam run --sample 200', 'report and rates of 200 rows of every split; a full run pays for none of them again'],
    ['CI=1 kalam run 2> run.log', 'a line every 30 s instead of the display'],
  ).action(async (file: string | undefined, options: RunOptions & { pipeline?: string }) =>
    done(await run(pipelineFile(file, options), options, io)),
  )
  exampled(
    command('plan [pipeline]', 'what a run would do, without doing it: new, edited and unchanged lines').addOption(
      samePipelineOption(),
    ),
    ['kalam plan', 'exit code 1 when an edit would stop a run'],
  ).action(async (file: string | undefined, options: { pipeline?: string }) =>
    done(await plan(pipelineFile(file, options), io, withWorkspace)),
  )
  exampled(
    estimateOptions(command('estimate [pipeline]', 'tokens, money and time of a run, calling nothing')).addOption(
      samePipelineOption(),
    ),
    ['kalam estimate', 'from 500 rows of every split and what the memory has; low and high'],
    ['kalam estimate --rows all', 'from every row'],
    ['kalam estimate --tokens-per-second 3000', 'hours of GPUs that are twice as fast'],
  ).action(async (file: string | undefined, flags: EstimateFlags & { pipeline?: string }) =>
    done(await estimate(pipelineFile(file, flags), flags, io)),
  )
  exampled(withPipeline('report', 'write report.html and report.md into the out folder'), [
    'kalam report',
    'tables by split, distributions, losses, failures and cost; also while a run is on',
  ]).action((options: { pipeline: string }) => open(options, reportCommand))
  exampled(
    withPipeline('export [ranking]', 'write the datasets: Parquet, JSONL and a card'),
    ['kalam export', 'every ranking'],
    ['kalam export release', 'one of them'],
  ).action((ranking: string | undefined, options: { pipeline: string }) =>
    open(options, (workspace, to) => exportCommand(workspace, ranking, to)),
  )
  addWorkCommand(command('work', ''), io, done)
  addConfigCommands(command('config', 'the pipeline file'), io, done)
  addTopicsCommands(command('topics', 'the topics and schemas on a Kafka cluster'), io, done)
}

/** Commands that ask what was done. */
const addAskCommands = ({ io, done, openPipeline, withTranslation, ...parts }: CommandParts): void => {
  const { exampled, withPipeline, open } = parts
  exampled(
    withPipeline(
      'try <translator> <text>',
      'put one text, or a conversation by its id, to a translator and show every step',
    )
      .option('--dry', 'the request, and what the memory has for it; calls nothing', false)
      .option('--json', 'for machines', false),
    ['kalam try gemma3 "How are you?"', 'request, answer, checks and result; what is paid for is remembered'],
    ['kalam try gemma3 source/split/12#2 --dry', 'the requests of its third message, and which answers are known'],
  ).action(async (name: string, text: string, options: TryOptions) =>
    done(await tryCommand({ name, what: text, options }, { io, openPipeline, withTranslation })),
  )
  exampled(
    withPipeline('status', 'how far every line is, in records and in time, and how fast it goes')
      .option('-w, --watch', 'again every 2 s, until Ctrl-C', false)
      .option('--json', 'for machines; with --watch a line every 2 s', false),
    ['kalam status', 'also while a run is on; rates are those of the last seconds, left is for what has come in'],
    ['kalam status --watch', 'redraws on a terminal, prints again elsewhere; rates over half a minute'],
    ["kalam status --json | jq '.lines[] | select(.waiting > 0)'", 'lines that have work'],
  ).action((options: { pipeline: string; watch: boolean; json: boolean }) =>
    open(options, (workspace, to) => status(workspace, options, to)),
  )
  exampled(
    withPipeline('inspect <id>', 'a conversation with all its candidates, figures side by side')
      .option('--ranking <name>', 'whose verdict to show')
      .option('--full', 'whole texts, and how every chunk ended', false)
      .option('--json', 'for machines', false),
    ['kalam inspect source/split/12', 'an id is source/split/row'],
    ['kalam inspect source/split/12 --full | less -R', 'everything there is'],
  ).action((id: string, options: { pipeline: string; ranking?: string; full: boolean; json: boolean }) =>
    open(options, (workspace, to) => inspect(workspace, id, options, to)),
  )
  exampled(
    withPipeline('why <what>', 'why a conversation (id) or a row (file:line) was kept, dropped or never came in'),
    ['kalam why source/split/12', 'in every translator line and every ranking'],
    ['kalam why data.jsonl:7', 'the row in line 7, also when it was bad or has not been read yet'],
  ).action((what: string, options: { pipeline: string }) => open(options, (workspace, to) => why(workspace, what, to)))
  exampled(
    withPipeline('sql <query>', 'ask the tables; docs/sql.md lists them').addOption(
      new Option('--format <name>', 'how rows are printed').choices(['table', 'json', 'csv']).default('table'),
    ),
    ['kalam sql "SELECT split, count() FROM v_ranked WHERE keep GROUP BY split"', 'conversations kept'],
    ['kalam sql --format csv "SELECT * FROM v_dead_letters" > bad.csv', 'rows that did not come in'],
  ).action((query: string, options: { pipeline: string; format: 'table' | 'json' | 'csv' }) =>
    open(options, (workspace, to) => sql(workspace, query, options.format, to)),
  )
  exampled(
    withPipeline('verify', 'read the topics from outside and check that nothing is lost or doubled').option(
      '--compare <file>',
      "compare every record with another pipeline's instead",
    ),
    ['kalam verify', 'exit code 1 when anything is'],
    ['kalam verify --compare ../other/pipeline.yaml', 'whether two runs came to the same; exit code 1 when not'],
  ).action((options: { pipeline: string; compare?: string }) => {
    const { pipeline, compare } = options
    if (compare === undefined) return open(options, verify)
    return openPipeline(pipeline, (opened, to) => verifyCompare(opened, compare, to)).then(done)
  })
}
