import { join } from 'node:path'
import { avroCodec, type Codec } from '../../../dataflow/codec.ts'
import { embeddedLog } from '../../../dataflow/embedded/embedded-log.ts'
import { localRegistry } from '../../../dataflow/embedded/local-registry.ts'
import type { Log, LogRecord, Membership, OutputRecord, Task } from '../../../dataflow/log.ts'
import type { OperatorContext } from '../../../dataflow/operators/group-reader.ts'
import type { RecordName, Records } from '../../../schemas/records.ts'
import { afterTest } from '../../clean-up.ts'
import { scanAll } from '../../contract/log/bench.ts'
import { workFolder } from '../work-folder.ts'

/** One partition of a log with a codec, on which operators run. */
export interface StageBench {
  readonly log: Log
  codec: Codec
  /** Foreign records that operators were given, as `<topic> <key>`. */
  foreign: string[]
  /** Appends records in one commit; returns their offsets. */
  append(...outputs: OutputRecord[]): Promise<number[]>
  /** Runs a stage on partition 0 until it is stopped; `wrap` may disturb its task. */
  run(stage: RunningStage): Promise<Membership>
  /** Resolves when a stage has committed all its inputs have, or at the signal; rejects with its failure. */
  caughtUp(membership: Membership, stage: RunningStage, signal?: AbortSignal): Promise<void>
  /** Runs a stage until it has caught up, then stops it. */
  runThrough(stage: RunningStage): Promise<void>
  /** The records of a topic. */
  records(topic: string): Promise<LogRecord[]>
  bodies<Name extends RecordName>(name: Name, topic: string): Promise<Records[Name][]>
  reopen(): Promise<void>
  close(): Promise<void>
}

/** A stage: its group, topics and operator. */
export interface RunningStage {
  group: string
  inputs: string[]
  output?: string
  work(context: OperatorContext): Promise<void>
  wrap?(task: Task): Task
}

/** A bench with these topics; closed after the test. */
export const stageBench = async (...topics: string[]): Promise<StageBench> => {
  const folder = workFolder()
  let log = embeddedLog({ folder: join(folder, 'log') })
  const codec = await avroCodec(localRegistry({ file: join(folder, 'schemas.json') }))
  await log.createTopics(topics.map((topic) => ({ topic, partitions: 1 })))
  const foreign: string[] = []
  const bench: StageBench = {
    get log() {
      return log
    },
    codec,
    foreign,
    async append(...outputs) {
      return (await log.writer('test')).commit(outputs)
    },
    run: ({ group, inputs, output, work, wrap }) =>
      log.join({
        group,
        inputs,
        ...(output !== undefined && { output }),
        work: (task) =>
          work({
            task: wrap ? wrap(task) : task,
            codec,
            foreign: (topic, record) => {
              foreign.push(`${topic} ${record.key}`)
              return undefined
            },
          }),
      }),
    async caughtUp(membership, { group, inputs }, signal) {
      let failed: { thrown: unknown } | undefined
      membership.done.catch((thrown: unknown) => {
        failed = { thrown }
      })
      for (const topic of inputs) {
        while (((await log.committed(group, topic))[0] ?? 0) < (await log.ends(topic))[0]!) {
          if (failed) throw failed.thrown
          if (signal?.aborted) return
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
      }
    },
    async runThrough(stage) {
      const membership = await bench.run(stage)
      await bench.caughtUp(membership, stage)
      await membership.stop()
    },
    records: (topic) => scanAll(log, topic),
    async bodies(name, topic) {
      return (await scanAll(log, topic)).map(({ value }) => codec.decode(name, value))
    },
    async reopen() {
      await log.close()
      log = embeddedLog({ folder: join(folder, 'log') })
    },
    close: () => log.close(),
  }
  afterTest(bench.close)
  return bench
}
