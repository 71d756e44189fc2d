import { memoryCounts } from '../../services/translate/memory-counts.ts'
import { memoryStatsText } from '../display/memory-text.ts'
import type { Io } from '../io.ts'
import type { OpenedTranslation } from '../open-translation.ts'

/** `kalam memory stats`: answers, bytes, models, answers that no check accepts, and the accounts of the ledger. */
export const memoryStats = async (
  { local, shared }: OpenedTranslation,
  { json }: { json: boolean },
  io: Io,
): Promise<number> => {
  const { ledger } = local
  const counts = await memoryCounts(local)
  const accounts = ledger.accounts().map((name) => ({ name, ...ledger.account(name) }))
  const stats = { ...counts, bytes: local.bytes(), accounts, ...(shared && { shared: await shared.count() }) }
  io.out(json ? `${JSON.stringify(stats)}\n` : memoryStatsText(stats))
  return 0
}
