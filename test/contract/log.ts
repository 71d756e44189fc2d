import { afterEach, beforeEach, describe } from 'vitest'
import { type LogBench, type LogWorld, openBench } from './log/bench.ts'
import { commitSizeClauses } from './log/commit-sizes.ts'
import { commitClauses } from './log/commits.ts'
import { deletionClauses } from './log/deletions.ts'
import { groupClauses } from './log/groups.ts'
import { lostPositionClauses } from './log/lost-positions.ts'
import { membershipClauses } from './log/memberships.ts'
import { positionClauses } from './log/positions.ts'
import { readBoundClauses } from './log/read-bounds.ts'
import { readClauses } from './log/reads.ts'
import { recordClauses } from './log/records.ts'
import { scanClauses } from './log/scans.ts'
import { topicClauses } from './log/topics.ts'
import { writerClauses } from './log/writers.ts'

/** What the comments of `dataflow/log.ts` promise, as tests that every adapter passes. */
export const logContract = (name: string, makeWorld: () => Promise<LogWorld>): void => {
  describe(name, () => {
    let bench: LogBench
    beforeEach(async () => {
      bench = await openBench(await makeWorld())
    })
    afterEach(() => bench.close())
    for (const clauses of [
      commitClauses,
      commitSizeClauses,
      deletionClauses,
      recordClauses,
      readClauses,
      readBoundClauses,
      positionClauses,
      lostPositionClauses,
      groupClauses,
      membershipClauses,
      scanClauses,
      topicClauses,
      writerClauses,
    ]) {
      clauses(() => bench)
    }
  })
}
