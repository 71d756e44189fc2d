import { parseAnswer } from './answer-lines.ts'
import type { AwaitedServer } from './awaited-server.ts'
import type { TranslateAnswer } from './translator.ts'
import type { Patience } from './while-away.ts'

/** A row of the shared table. */
export interface AnswerRow {
  key: string
  answer: string
}

/** Reads rows that anybody may have written. */
export interface SharedAnswers {
  /** The answers of the earliest rows of some keys; behind rows that hold none, which are told once, the next ones are looked for. */
  of(rows: readonly AnswerRow[]): Promise<Map<string, TranslateAnswer>>
  /** Deletes the rows of some keys that held no answer: merged, the earliest row stands for its key. */
  heal(keys: readonly string[]): Promise<void>
}

/** Makes a reader for a server. */
export const sharedAnswers = (server: AwaitedServer, { onWait }: Patience): SharedAnswers => {
  const unreadable = new Map<string, Set<string>>()
  const answerOf = ({ key, answer }: AnswerRow): TranslateAnswer | undefined => {
    const read = parseAnswer(answer)
    if (typeof read !== 'string') return read
    const known = unreadable.get(key)
    if (!known) {
      const message = `the shared memory has ${key} with no answer that can be read (${read}): it counts as not known`
      onWait?.({ reason: 'answer_unreadable', message, waitMs: 0 })
    }
    unreadable.set(key, (known ?? new Set()).add(answer))
    return undefined
  }
  const behind = (keys: readonly string[]): Promise<AnswerRow[]> =>
    server.use((warehouse) =>
      warehouse.query<AnswerRow>(
        `SELECT key, answer FROM translation_memory WHERE key IN (${listOf(keys)}) ORDER BY at DESC`,
      ),
    )
  return {
    async of(rows) {
      const found = new Map<string, TranslateAnswer>()
      const bad: string[] = []
      for (const row of rows) {
        const answer = answerOf(row)
        if (answer) found.set(row.key, answer)
        else bad.push(row.key)
      }
      for (const row of bad.length > 0 ? await behind(bad) : []) {
        const answer = answerOf(row)
        if (answer) found.set(row.key, answer)
      }
      return found
    },
    async heal(keys) {
      const rows = keys.flatMap((key) => [...(unreadable.get(key) ?? [])].map((answer) => ({ key, answer })))
      if (rows.length === 0) return
      const list = rows.map(({ key, answer }) => `(${quoted(key)}, ${quoted(answer)})`).join(', ')
      await server.use((warehouse) =>
        warehouse.command(`DELETE FROM translation_memory WHERE (key, answer) IN (${list})`),
      )
      for (const key of keys) unreadable.delete(key)
    },
  }
}

/** Keys as a list of SQL, each once. */
export const listOf = (keys: readonly string[]): string => [...new Set(keys)].map(quoted).join(', ')

/** A text as one of SQL. */
export const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
