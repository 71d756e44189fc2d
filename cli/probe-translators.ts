import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenedPipeline } from './workspace.ts'

/** A server that takes longer to answer is slow, and its calls will tell. */
const slowMs = 2000

/**
 * Asks every translator that the stages call for a greeting; KalamError as its probe. Each is asked once, whatever its samples. An
 * answer that does not come in time is not waited for: it comes into the memory all the same.
 */
export const probeTranslators = async (
  { translators, config }: Pick<OpenedPipeline, 'config' | 'translators'>,
  options: { patienceMs: number; signal: AbortSignal; only?(line: string): boolean },
): Promise<void> => {
  const lines = translators.lines(config).filter(({ line, sample }) => sample === 0 && (options.only?.(line) ?? true))
  const probes = Promise.all(lines.map(({ probe }) => probe?.(options)))
  // What comes too late is told by the calls themselves.
  probes.catch(() => undefined)
  const waiting = new AbortController()
  const isSlow = Number.isFinite(options.patienceMs)
    ? sleep(options.patienceMs + slowMs, undefined, { signal: waiting.signal }).catch(() => undefined)
    : new Promise<never>(() => undefined)
  await Promise.race([probes, isSlow]).finally(() => waiting.abort())
}
