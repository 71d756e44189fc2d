import { verifyTables } from '../../services/verify/verify-tables.ts'
import { verifyTopics } from '../../services/verify/verify-topics.ts'
import { thousands } from '../display/cells.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

/** `kalam verify`: checks every invariant of the topics and tables from outside; exit code 1 when one is broken. */
export const verify = async (workspace: Workspace, io: Io): Promise<number> => {
  const checks = [...(await verifyTopics(workspace)), await verifyTables(workspace)]
  for (const { name, looked, broken } of checks) {
    io.out(`${broken.length === 0 ? 'ok    ' : 'BROKEN'}  ${name} (${thousands(looked)} looked at)\n`)
    for (const where of broken) io.out(`          ${where}\n`)
  }
  return checks.every(({ broken }) => broken.length === 0) ? 0 : 1
}
