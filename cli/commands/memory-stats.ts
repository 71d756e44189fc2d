import { memoryCounts } from '../../services/translate/memory-counts.ts'
import { type MemoryStats, memoryStatsText } from '../display/memory-text.ts'
import type { Io } from '../io.ts'
import type { OpenedTranslation } from '../open-translation.ts'

/**
 * `kalam memory stats`: answers, bytes, models, answers that no check accepts, calls that were given up, and the accounts of the
 * ledger, of this machine; and how many answers the shared memory has.
 */
export const memoryStats = async (
  { local, shared }: OpenedTranslation,
  { json }: { json: boolean },
  io: Io,
): Promise<number> => {
  const { ledger } = local
  const counts = await memoryCounts(local)
  const accounts = ledger.accounts().map((name) => ({ name, ...ledger.account(name) }))
  const stats = { ...counts, bytes: local.bytes(), accounts, ...(shared && { shared: await shared.count() }) }
  io.out(json ? `${JSON.stringify(forMachines(stats))}\n` : memoryStatsText(stats))
  return 0
}

/** Answers by model as an object, with providers and tokens beside it. */
const forMachines = ({ models, ...stats }: MemoryStats) => {
  const answers: Record<string, number> = {}
  for (const one of models) answers[one.model] = (answers[one.model] ?? 0) + one.answers
  return { ...stats, models: answers, served: models }
}
