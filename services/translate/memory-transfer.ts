import { z } from 'zod'
import type { Memory } from './memory.ts'
import type { TranslateAnswer } from './translator.ts'

/** A memory whose answers can be read in turn. */
export interface ReadableMemory extends Memory {
  /** Every answer in the order of the keys, as it is now. */
  entries(): Iterable<{ key: string; answer: TranslateAnswer }>
}

/** One line of an export. */
export interface ExportedAnswer {
  key: string
  answer: TranslateAnswer
}

/** Every answer, for an export. */
export const exportedAnswers = (memory: ReadableMemory): Iterable<ExportedAnswer> => memory.entries()

/** How many answers there are, by model, and how many calls were given up. */
export const memoryStats = (
  memory: ReadableMemory,
): { answers: number; givenUp: number; models: Record<string, number> } => {
  const models: Record<string, number> = {}
  let answers = 0
  let givenUp = 0
  for (const { answer } of memory.entries()) {
    if (answer.failure) {
      givenUp++
      continue
    }
    answers++
    models[answer.usage.model] = (models[answer.usage.model] ?? 0) + 1
  }
  return { answers, givenUp, models }
}

const entry = z.object({
  key: z.string().regex(/^[0-9a-f]{64}$/),
  answer: z.object({
    text: z.string(),
    usage: z.object({
      ...{ model: z.string(), provider: z.string(), prompt_tokens: z.number(), completion_tokens: z.number() },
      ...{ cost_usd: z.number().nullable(), latency_ms: z.number(), finish_reason: z.string(), at_ms: z.number() },
    }),
  }),
})

const batch = 500

/** Takes in exported lines; a line that is none is told with its number, and the rest goes on. Nothing is booked. */
export const importAnswers = async (
  memory: Memory,
  lines: AsyncIterable<string>,
): Promise<{ added: number; known: number; bad: { line: number; why: string }[] }> => {
  const told = { added: 0, known: 0, bad: [] as { line: number; why: string }[] }
  let waiting: ExportedAnswer[] = []
  const flush = async () => {
    const before = memory.count()
    await memory.put(waiting)
    const added = memory.count() - before
    told.added += added
    told.known += waiting.length - added
    waiting = []
  }
  let number = 0
  for await (const line of lines) {
    number++
    if (line.trim() === '') continue
    const read = entry.safeParse(parsed(line))
    if (read.success) waiting.push(read.data)
    else told.bad.push({ line: number, why: 'it is no exported answer: {"key", "answer": {"text", "usage"}}' })
    if (waiting.length >= batch) await flush()
  }
  await flush()
  return told
}

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
