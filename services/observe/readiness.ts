import { messageOf } from '../../dataflow/error.ts'
import type { Log } from '../../dataflow/log.ts'
import type { Activities } from '../../dataflow/task-activity.ts'
import type { Health } from './http-server.ts'

const answerMs = 3000
/** Probes come from several sides; the log is asked at most this often. */
const quietMs = 1000

/**
 * Tells whether a process takes part in the work: the log answers, and it is a member of every group that it is to work in
 * now. A member without a partition stands by and is ready too.
 */
export const readiness = (log: Log, book: Activities, members: () => readonly string[]) => {
  let last: { atMs: number; problem: Promise<string | undefined> } | undefined
  const logProblem = (): Promise<string | undefined> => {
    if (!last || book.now() - last.atMs >= quietMs) last = { atMs: book.now(), problem: problemOf(log) }
    return last.problem
  }
  return async (): Promise<Health> => {
    const groups = new Set(members())
    const missing = [...groups].filter((group) => !book.groups.get(group)?.joined)
    const tasks = [...book.tasks.values()].filter(({ running, group }) => running && groups.has(group))
    const facts = { groups: groups.size, tasks: tasks.length }
    const problem = await logProblem()
    if (problem !== undefined) return { ok: false, reason: 'log_unreachable', message: problem, ...facts }
    if (missing.length > 0) return { ok: false, reason: 'not_joined', missing, ...facts }
    return { ok: true, ...facts }
  }
}

const problemOf = async (log: Log): Promise<string | undefined> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer in ${answerMs} ms`), answerMs)
  })
  try {
    return await Promise.race([log.topics().then(() => undefined), late])
  } catch (thrown) {
    return messageOf(thrown)
  } finally {
    clearTimeout(timer)
  }
}
