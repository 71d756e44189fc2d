import type { GenerationRef } from '../../services/generations.ts'
import { refText } from '../../services/generations.ts'
import { promote } from '../../services/promote.ts'
import { lineNamed } from '../../services/replay.ts'
import type { Io } from '../io.ts'
import { landControl } from '../land-control.ts'
import type { Workspace } from '../workspace.ts'

/** `kalam promote <line>`: makes its building generation live, and those after it; safe to repeat. */
export const promoteCommand = async (workspace: Workspace, name: string, keep: boolean, io: Io): Promise<number> => {
  const { log, feed, config, isRunning } = workspace
  const of = lineNamed(config, name)
  const done = await promote({ log, feed, config, of, isRunning, keep, now: Date.now })
  // Also after a crash between the change of places and the views.
  await landControl(workspace, AbortSignal.timeout(60_000))
  if (!done) {
    io.out(`nothing of ${name} is being built: what is live stays live\n`)
    return 0
  }
  for (const record of done.rising) io.out(`live: ${refText(record as unknown as GenerationRef)}\n`)
  for (const record of [...done.falling, ...done.ending])
    io.out(`stopped: ${record.stage} ${record.line} generation ${record.generation}\n`)
  if (!keep) io.out('What was replaced is deleted in 7 days; kalam generations keep <line> <n>   keeps it.\n')
  return 0
}
