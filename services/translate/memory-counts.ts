import type { Memory } from './memory.ts'

/** What a memory holds. */
export interface MemoryCounts {
  answers: number
  /** Calls that were given up; they are no answers. */
  givenUp: number
  /** The most frequent first; '' where the server named none. */
  models: { model: string; provider: string; answers: number; tokens: number }[]
  /** Answers that are refused whatever was asked: those that are empty, and those that the limit of tokens cut off. */
  refused: { reason: 'empty' | 'length'; answers: number }[]
  /** When the first and the last answer came, milliseconds since 1970; undefined where no answer tells. */
  firstMs?: number
  lastMs?: number
}

/** Reads all answers once. */
export const memoryCounts = async (memory: Pick<Memory, 'entries'>): Promise<MemoryCounts> => {
  const models = new Map<string, MemoryCounts['models'][number]>()
  const refused = { empty: 0, length: 0 }
  let answers = 0
  let givenUp = 0
  let firstMs = Number.POSITIVE_INFINITY
  let lastMs = 0
  for await (const batch of memory.entries()) {
    for (const { answer } of batch) {
      if (answer.failure) {
        givenUp++
        continue
      }
      const { model, provider, prompt_tokens, completion_tokens, finish_reason, at_ms } = answer.usage
      const name = `${model}\0${provider}`
      const known = models.get(name) ?? { model, provider, answers: 0, tokens: 0 }
      models.set(name, known)
      known.answers++
      known.tokens += prompt_tokens + completion_tokens
      answers++
      if (finish_reason === 'length') refused.length++
      else if (answer.text.trim() === '') refused.empty++
      if (at_ms <= 0) continue
      firstMs = Math.min(firstMs, at_ms)
      lastMs = Math.max(lastMs, at_ms)
    }
  }
  return {
    answers,
    givenUp,
    models: [...models.values()].sort((a, b) => b.answers - a.answers),
    refused: (['empty', 'length'] as const).flatMap((reason) =>
      refused[reason] > 0 ? [{ reason, answers: refused[reason] }] : [],
    ),
    ...(lastMs > 0 && { firstMs, lastMs }),
  }
}
