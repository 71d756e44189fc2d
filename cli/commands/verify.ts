import { lineProgress } from '../../services/line-progress.ts'
import type { Check } from '../../services/verify/check.ts'
import { verifyTables } from '../../services/verify/verify-tables.ts'
import { verifyTopics } from '../../services/verify/verify-topics.ts'
import { thousands } from '../display/cells.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

/** `kalam verify`: checks every invariant of the topics and tables from outside; exit code 1 when one is broken. */
export const verify = async (workspace: Workspace, io: Io): Promise<number> => {
  const { topics, waiting } = await checkTopics(workspace)
  const checks = [...topics, await verifyTables(workspace)]
  for (const { name, looked, broken } of checks) {
    io.out(`${broken.length === 0 ? 'ok    ' : 'BROKEN'}  ${name} (${thousands(looked)} looked at)\n`)
    for (const where of broken) io.out(`          ${where}\n`)
  }
  if (waiting > 0)
    io.out(`\n${thousands(waiting)} records are still on their way; what is not there yet was not counted as missing\n`)
  return checks.every(({ broken }) => broken.length === 0) ? 0 : 1
}

/** Only where nothing moved meanwhile, what is missing counts as broken. */
const checkTopics = async (workspace: Workspace): Promise<{ topics: Check[]; waiting: number }> => {
  const before = await movement(workspace)
  if (before.waiting === 0) {
    const topics = await verifyTopics({ ...workspace, settled: true })
    if ((await movement(workspace)).end === before.end) return { topics, waiting: 0 }
  }
  return { topics: await verifyTopics({ ...workspace, settled: false }), waiting: Math.max(1, before.waiting) }
}

const movement = async ({ log, stages }: Workspace): Promise<{ waiting: number; end: number }> => {
  const lines = await lineProgress(log, stages)
  return {
    waiting: lines.reduce((sum, { committed, end }) => sum + end - committed, 0),
    end: lines.reduce((sum, { end }) => sum + end, 0),
  }
}
