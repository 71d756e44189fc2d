import type { Warehouse } from '../land/warehouse.ts'

/** What the answers of one line took for one split of a side run. */
export interface SplitRates {
  line: string
  place: string
  calls: number
  /** Answers that were refused, each followed by another call or a failure. */
  refused: number
  promptTokens: number
  completionTokens: number
  usd: number
  unpriced: number
}

/** How fast a line was answered, over the calls that the run made itself. */
export interface LineSpeed {
  line: string
  calls: number
  tokens: number
  seconds: number
}

/** Sums over all answers by line and split, those of the memory included. */
export const splitRates = (warehouse: Warehouse): Promise<SplitRates[]> =>
  warehouse.query<SplitRates>(
    `SELECT line, concat(source, '/', split) AS place, count() AS calls, countIf(outcome != 'ok') AS refused,
  sum(prompt_tokens) AS promptTokens, sum(completion_tokens) AS completionTokens, sum(ifNull(cost_usd, 0)) AS usd,
  countIf(cost_usd IS NULL) AS unpriced FROM v_calls GROUP BY line, place ORDER BY line, place`,
  )

/** Calls, answer tokens and seconds from the first request to the last answer, by line. */
export const lineSpeeds = (warehouse: Warehouse): Promise<LineSpeed[]> =>
  warehouse.query<LineSpeed>(
    `SELECT line, count() AS calls, sum(completion_tokens) AS tokens,
  (max(toUnixTimestamp64Milli(at)) - min(toUnixTimestamp64Milli(at) - latency_ms)) / 1000 AS seconds
  FROM v_calls WHERE NOT from_memory GROUP BY line ORDER BY line`,
  )

/** What a line takes, from the sampled rows to the whole. */
export interface LineRates {
  line: string
  calls: number
  /** Refused answers per answer. */
  refused: number
  promptTokens: number
  completionTokens: number
  /** Dollars; undefined where an answer did not tell its cost. */
  usd: number | undefined
  conversations: number
  /** The same for all rows, each split by its own rates. */
  whole: { calls: number; promptTokens: number; completionTokens: number; usd: number | undefined }
  speed: LineSpeed | undefined
}

/** Works out, by line, what the whole would take. Pure. */
export const lineRates = (
  rates: readonly SplitRates[],
  speeds: readonly LineSpeed[],
  splits: readonly { place: string; rows: number; chosen: number }[],
): LineRates[] => {
  const rowsOf = new Map(splits.map((split) => [split.place, split]))
  return [...new Set(rates.map(({ line }) => line))].map((line) => {
    const own = rates.filter((rate) => rate.line === line)
    const isPriced = own.every(({ unpriced }) => unpriced === 0)
    const sum = (of: (rate: SplitRates) => number) => own.reduce((all, rate) => all + of(rate), 0)
    const share = ({ place }: SplitRates) => {
      const split = rowsOf.get(place)
      return split && split.chosen > 0 ? split.rows / split.chosen : 1
    }
    const whole = (of: (rate: SplitRates) => number) => sum((rate) => of(rate) * share(rate))
    const calls = sum((rate) => rate.calls)
    return {
      ...{ line, calls, refused: sum(({ refused }) => refused) / Math.max(1, calls) },
      promptTokens: sum(({ promptTokens }) => promptTokens),
      completionTokens: sum(({ completionTokens }) => completionTokens),
      usd: isPriced ? sum(({ usd }) => usd) : undefined,
      conversations: own.reduce((all, { place }) => all + (rowsOf.get(place)?.chosen ?? 0), 0),
      whole: {
        calls: whole((rate) => rate.calls),
        promptTokens: whole(({ promptTokens }) => promptTokens),
        completionTokens: whole(({ completionTokens }) => completionTokens),
        usd: isPriced ? whole(({ usd }) => usd) : undefined,
      },
      speed: speeds.find((speed) => speed.line === line),
    }
  })
}
