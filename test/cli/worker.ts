import { serveStage, workSettings } from '../../cli/commands/work.ts'
import { writeHeads } from '../../cli/ingest-all.ts'
import { processIo } from '../../cli/io.ts'
import { workStageOf } from '../../cli/work-stage.ts'
import { openWorkspace } from '../../cli/workspace.ts'

/**
 * A worker in a process of its own on an embedded log, which only tests may do. Arguments: stage, seconds until it counts as
 * stuck, and `hang` for a stage that reads and then does nothing.
 */
const [stage = '', stallSeconds = '300', how] = process.argv.slice(2)
const io = processIo()
process.exitCode = await serveStage(
  {
    pipeline: 'test',
    wanted: { stage: workStageOf(stage) },
    settings: workSettings({ http: '0', stallSeconds }, io.env),
    async open(observers) {
      const workspace = await openWorkspace('pipeline.yaml', { env: io.env, create: true, observers })
      if (how !== 'hang') return workspace
      await writeHeads(workspace)
      const stages = workspace.stages.map((line) => ({
        ...line,
        async work(task: Parameters<typeof line.work>[0]) {
          await task.read(line.inputs[0]!, 1)
          await new Promise(() => undefined)
        },
      }))
      return { ...workspace, stages }
    },
  },
  io,
)
