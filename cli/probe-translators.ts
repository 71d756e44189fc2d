import type { Workspace } from './workspace.ts'

/** Asks every translator that the stages call for a greeting; KalamError as its probe. Each is asked once, whatever its samples. */
export const probeTranslators = async (
  { translators, config }: Workspace,
  options: { patienceMs: number; signal: AbortSignal; only?(line: string): boolean },
): Promise<void> => {
  const lines = translators.lines(config).filter(({ line, sample }) => sample === 0 && (options.only?.(line) ?? true))
  await Promise.all(lines.map(({ probe }) => probe?.(options)))
}
