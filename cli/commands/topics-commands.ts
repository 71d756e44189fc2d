import type { Command } from 'commander'
import { KalamError } from '../../dataflow/error.ts'
import { loadPipeline } from '../../services/load-config.ts'
import { checkTopics } from '../check-topics.ts'
import { writeHeads } from '../ingest-all.ts'
import type { Io } from '../io.ts'
import { openPipeline } from '../workspace.ts'

/** Adds `kalam topics create` and `kalam topics check`. */
export const addTopicsCommands = (topics: Command, io: Io, done: (code: number) => void): void => {
  const option = ['-p, --pipeline <file>', 'the pipeline', 'pipeline.yaml'] as const
  topics
    .command('create')
    .description('make the topics of the pipeline and register the schemas of this release; what is there stays')
    .option(...option)
    .action(async ({ pipeline: file }: { pipeline: string }) => done(await createTopics(file, io)))
  topics
    .command('check')
    .description('whether topics and schemas are there and fit, and topics keep what they get; changes nothing')
    .option(...option)
    .action(async ({ pipeline: file }: { pipeline: string }) => done(await check(file, io)))
}

const createTopics = async (file: string, io: Io): Promise<number> => {
  await refuseEmbedded(file, io)
  const pipeline = await openPipeline(file, { env: io.env, create: true, createTopics: true })
  try {
    await writeHeads(pipeline)
    const count = Object.keys(await pipeline.log.topics()).filter((name) => isOf(pipeline.config.pipeline, name)).length
    io.out(
      `${pipeline.config.pipeline}: ${count} topics of ${pipeline.config.partitions} partitions, schemas registered\n`,
    )
    return 0
  } finally {
    await pipeline.close()
  }
}

const check = async (file: string, io: Io): Promise<number> => {
  await refuseEmbedded(file, io)
  const pipeline = await openPipeline(file, { env: io.env, create: false, createTopics: false })
  try {
    for (const oddity of await checkTopics(pipeline, io.env)) io.err(`${oddity}\n`)
    io.out(`${pipeline.config.pipeline}: all topics and schemas are there\n`)
    return 0
  } finally {
    await pipeline.close()
  }
}

const isOf = (pipeline: string, topic: string): boolean => topic.startsWith(`${pipeline}.`)

const refuseEmbedded = async (file: string, { env }: Io): Promise<void> => {
  const { config } = await loadPipeline(file, env)
  if (config.log !== 'embedded') return
  throw new KalamError('usage', `looking at the topics of ${file}: its log is embedded`, {
    hint: 'There kalam run makes topics and schemas itself; kalam verify looks into them.',
  })
}
