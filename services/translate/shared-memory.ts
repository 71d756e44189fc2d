import { rowText } from '../land/row-text.ts'
import type { Warehouse } from '../land/warehouse.ts'
import { awaitedServer } from './awaited-server.ts'
import { batched } from './batched.ts'
import type { KnownAnswer, Memory } from './memory.ts'
import { type AnswerRow, listOf, quoted, sharedAnswers } from './shared-answers.ts'
import type { TranslateAnswer } from './translator.ts'
import type { Patience } from './while-away.ts'

/** How a shared memory is opened. */
export interface SharedOptions {
  /** Connects to the database; asked again while that fails. */
  connect(): Promise<Warehouse>
  patience: Patience
  /** How long keys and answers wait for others, in milliseconds. */
  readMs?: number
  writeMs?: number
}

/**
 * The server's clock tells which answer of a key came first. It is looked for on reading; merges come to the same, as the version
 * falls with the time. Keys are random and asked for one by one, so a granule is small.
 */
const table = `CREATE TABLE IF NOT EXISTS translation_memory (
  key String,
  answer String CODEC(ZSTD(3)),
  at DateTime64(9) DEFAULT now64(9),
  version UInt64 DEFAULT toUInt64(9223372036854775807 - toUnixTimestamp64Nano(at))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY key
SETTINGS index_granularity = 64`

/** A query may have 256 KiB; a key takes 67 bytes of it. */
const mostKeys = 2000
const mostInsertBytes = 4 * 2 ** 20
const batchAnswers = 1000

/**
 * A memory that many pipelines and machines share: a table of a ClickHouse server. The earliest answer of a key wins. What is asked
 * within a few milliseconds is one query, what is put one insert. While the server is away everything waits; nothing is lost by that.
 * What others wrote into the table and is no answer is told and counts as not known; whoever puts an answer takes it away.
 */
export const sharedMemory = ({ connect, patience, readMs = 5, writeMs = 250 }: SharedOptions): Memory => {
  const server = awaitedServer({ connect, table, patience })
  const answers = sharedAnswers(server, patience)
  const look = async (keys: string[]): Promise<(TranslateAnswer | undefined)[]> => {
    const rows = await server.use((warehouse) =>
      warehouse.query<AnswerRow>(
        `SELECT key, argMin(answer, at) AS answer FROM translation_memory WHERE key IN (${listOf(keys)}) GROUP BY key`,
      ),
    )
    const found = await answers.of(rows)
    return keys.map((key) => found.get(key))
  }
  const get = batched({ windowMs: readMs, weightOf: () => 1, most: mostKeys, work: look })

  const write = async (entries: KnownAnswer[]): Promise<undefined[]> => {
    const first = new Map<string, string>()
    for (const { key, answer } of entries) if (!first.has(key)) first.set(key, JSON.stringify(answer))
    const rows = [...first].map(([key, answer]) => ({ key, answer }))
    await answers.heal([...first.keys()])
    // An insert that was done and answered as failed is done twice: the same answer, and the earlier one counts.
    await server.use((warehouse) => warehouse.insert('translation_memory', rowText(rows)))
    return entries.map(() => undefined)
  }
  const put = batched({
    windowMs: writeMs,
    weightOf: ({ answer }: KnownAnswer) => 1000 + answer.text.length * 2,
    most: mostInsertBytes,
    work: write,
  })

  return {
    get,
    async put(entries) {
      await put(entries)
      const standing = await get(entries.map(({ key }) => key))
      return standing.map((answer, i) => answer ?? entries[i]!.answer)
    },
    async count() {
      const [row] = await server.use((warehouse) =>
        warehouse.query<{ n: number }>('SELECT uniqExact(key) AS n FROM translation_memory'),
      )
      return row?.n ?? 0
    },
    async *entries() {
      let after = ''
      for (;;) {
        const rows = await server.use((warehouse) => warehouse.query<AnswerRow>(pageOf(after)))
        const found = await answers.of(rows)
        const entries = rows.flatMap(({ key }) => {
          const answer = found.get(key)
          return answer ? [{ key, answer }] : []
        })
        if (entries.length > 0) yield entries
        if (rows.length < batchAnswers) return
        after = rows.at(-1)!.key
      }
    },
    async remove(keys) {
      let count = 0
      for (let at = 0; at < keys.length; at += mostKeys) {
        const some = keys.slice(at, at + mostKeys)
        const [row] = await server.use((warehouse) =>
          warehouse.query<{ n: number }>(
            `SELECT uniqExact(key) AS n FROM translation_memory WHERE key IN (${listOf(some)})`,
          ),
        )
        const known = row?.n ?? 0
        if (known === 0) continue
        await server.use((warehouse) =>
          warehouse.command(`DELETE FROM translation_memory WHERE key IN (${listOf(some)})`),
        )
        count += known
      }
      return count
    },
    close: server.close,
  }
}

const pageOf = (after: string): string =>
  `SELECT key, argMin(answer, at) AS answer FROM translation_memory WHERE key > ${quoted(after)}
GROUP BY key ORDER BY key LIMIT ${batchAnswers} SETTINGS optimize_aggregation_in_order = 1`
