import { type Command, Option } from 'commander'
import type { Io } from '../io.ts'
import { workStages } from '../work-stage.ts'
import { type WorkOptions, work } from './work.ts'

/** Describes `kalam work` and what it does. */
export const addWorkCommand = (command: Command, io: Io, done: (code: number) => void): void => {
  command
    .description('one stage as a service of its own, on a Kafka log: as many processes as there are partitions')
    .argument('<stage>', workStages.join(', '))
    .addOption(new Option('-p, --pipeline <file>', 'the pipeline').default('pipeline.yaml'))
    .option('-l, --line <name>', 'only this line of the stage; of ingest, only this source')
    .option('--http <port>', 'serve /healthz, /readyz and /metrics there; also KALAM_HTTP_PORT')
    .option('--stall-seconds <n>', 'end when a task with work does nothing for so long', '300')
    .addHelpText(
      'after',
      `
Examples:
  kalam work ingest                         reads the sources as they grow
  kalam work translate --line gemma3        calls one translator
  KALAM_HTTP_HOST=0.0.0.0 kalam work score --http 9464
                                            metrics for Prometheus, probes for an orchestrator

Environment: KALAM_HTTP_PORT, KALAM_HTTP_HOST (127.0.0.1), KALAM_LOG_LEVEL (info). Log lines are JSON on stderr.
SIGTERM and Ctrl-C are safe. Exit codes: 0 told to stop, 1 something failed, 2 wrong usage.
`,
    )
    .action(async (stage: string, options: WorkOptions & { pipeline: string }) =>
      done(await work(options.pipeline, stage, options, io)),
    )
}
