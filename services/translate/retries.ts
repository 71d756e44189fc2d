/** Chunks of a generation that are asked anew: more attempts for those that its settings choose. */
export interface RetryRule {
  /** Why a chunk failed; empty = also chunks that did not. */
  reasons: string[]
  /** Conversations, or `id#message`; empty = all. */
  ids: string[]
  /** Attempts on top of those before. */
  attempts: number
  /** Settings of the translator for these attempts, by dotted key, as sampling.temperature. */
  set: Record<string, unknown>
}

/** The rules in a generation's settings; none in those of a line that was never retried. */
export const retriesIn = (settings: Record<string, unknown>): RetryRule[] =>
  (settings.retries as RetryRule[] | undefined) ?? []

/** Makes the choice of a rule; `reason` is '' for a chunk that did not fail. */
export const chosenBy = ({
  reasons,
  ids,
}: RetryRule): ((id: string, messageIndex: number, reason: string) => boolean) => {
  const named = new Set(ids)
  return (id, messageIndex, reason) =>
    (reasons.length === 0 || reasons.includes(reason)) &&
    (named.size === 0 || named.has(id) || named.has(`${id}#${messageIndex}`))
}

/** Settings with others in the place of some, by dotted key. */
export const withSet = <Settings extends object>(settings: Settings, set: Record<string, unknown>): Settings => {
  const copy = structuredClone(settings) as Record<string, unknown>
  for (const [path, value] of Object.entries(set)) {
    const keys = path.split('.')
    let at = copy
    for (const key of keys.slice(0, -1)) {
      at[key] = { ...(at[key] as Record<string, unknown> | undefined) }
      at = at[key] as Record<string, unknown>
    }
    at[keys.at(-1)!] = value
  }
  return copy as Settings
}
