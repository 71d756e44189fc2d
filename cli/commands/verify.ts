import { lineProgress } from '../../services/line-progress.ts'
import type { Check } from '../../services/verify/check.ts'
import { settledLog } from '../../services/verify/settled-log.ts'
import { verifyPositions } from '../../services/verify/verify-positions.ts'
import { verifyTables } from '../../services/verify/verify-tables.ts'
import { verifyTopics } from '../../services/verify/verify-topics.ts'
import { verifyTransactions } from '../../services/verify/verify-transactions.ts'
import { thousands } from '../display/cells.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

/** Half as long again as a transaction of kalam's own stays open when its process is gone. */
const hangMs = 15_000

/** `kalam verify`: checks every invariant of the topics and tables from outside; exit code 1 when one is broken. */
export const verify = async (opened: Workspace, io: Io): Promise<number> => {
  const workspace = { ...opened, log: settledLog(opened.log) }
  const { log, config, stages } = workspace
  const transactions = await verifyTransactions(log, config.pipeline, hangMs)
  const { topics, waiting } = await checkTopics(workspace)
  const positions = await verifyPositions(log, stages)
  const checks = [...topics, ...positions, ...(transactions ? [transactions] : []), await verifyTables(workspace)]
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
