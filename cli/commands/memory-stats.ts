import { memoryCounts } from '../../services/translate/memory-counts.ts'
import { memoryStatsText } from '../display/memory-text.ts'
import type { Io } from '../io.ts'
import type { OpenedTranslation } from '../open-translation.ts'

/** `kalam memory stats`: answers, bytes, models, answers that no check accepts, and the accounts of the ledger. */
export const memoryStats = async (
  { memory }: OpenedTranslation,
  { json }: { json: boolean },
  io: Io,
): Promise<number> => {
  const { ledger } = memory
  const counts = await memoryCounts(memory)
  const accounts = ledger.accounts().map((name) => ({ name, ...ledger.account(name) }))
  const stats = { ...counts, bytes: memory.bytes(), accounts }
  io.out(json ? `${JSON.stringify(stats)}\n` : memoryStatsText(stats))
  return 0
}
