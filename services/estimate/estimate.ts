import { cutterOf } from '../chunk/cutter-of.ts'
import type { PipelineConfig, SourceConfig } from '../config.ts'
import type { SourceReader } from '../ingest/source-reader.ts'
import { loadTokenizer } from '../tokenizer.ts'
import { inLine } from '../translate/in-line.ts'
import type { TranslatorLine } from '../translate/open-translator.ts'
import { type AskedLine, asksOf, type CountedText, countedTexts, firstKeys } from './line-asks.ts'
import { rowChunks } from './row-chunks.ts'
import { type SampledRow, type SampleOptions, sampledRows } from './sampled-rows.ts'
import type { StoredAnswers } from './stored-answers.ts'
import { addRow, emptyTally, type Met, settleLow, type Tally } from './tally.ts'

/** What an estimate is made of. */
export interface EstimateInput extends SampleOptions {
  /** Folder of pipeline.yaml. */
  base: string
  config: PipelineConfig
  /** The lines that are estimated. */
  lines: readonly TranslatorLine[]
  answers: StoredAnswers
  reader(source: SourceConfig): SourceReader
}

/** The rows of one split of a source. */
export interface SplitRows {
  source: string
  split: string
  rows: number
  sampledRows: number
  /** Rows that would not come in. */
  badRows: number
  /** Whether the rows were counted; else their number follows from bytes. */
  isCounted: boolean
}

/** What was counted: rows by split, and what every split takes of every line. */
export interface Counted {
  splits: SplitRows[]
  tallies: Tally[]
  lines: AskedLine[]
}

interface Counting {
  /** Number of the next row. */
  row: number
  input: EstimateInput
  lines: readonly AskedLine[]
  met: ReadonlyMap<AskedLine, Met>
  tallies: Map<string, Tally>
  splits: Map<string, SplitRows>
  cutters: ReadonlyMap<string, ReturnType<typeof cutterOf>>
}

/** Reads the sources, or a sample of them, and counts what would be asked of every line; calls nothing. */
export const countRequests = async (input: EstimateInput): Promise<Counted> => {
  const { base, config } = input
  const lines = input.lines.map((line): AskedLine => {
    const count = loadTokenizer(config.chunkings[line.chunking]!.tokenizer, base)
    return { line, count, measures: new Map() }
  })
  const chunkings = [...new Set(lines.map(({ line }) => line.chunking))]
  const counting: Counting = {
    ...{ row: 0, input, lines, tallies: new Map(), splits: new Map() },
    met: new Map(lines.map((line) => [line, new Map()])),
    cutters: new Map(chunkings.map((name) => [name, cutterOf(config.chunkings[name]!, base)])),
  }
  let block: ReadRow[] = []
  for (const source of config.sources)
    for await (const sampled of sampledRows(source, input.reader(source), input)) {
      block.push(readRow(counting, source, sampled))
      if (block.length < blockRows) continue
      await countRows(counting, block)
      block = []
    }
  await countRows(counting, block)
  for (const tally of counting.tallies.values()) settleLow(tally)
  return { splits: [...counting.splits.values()], tallies: [...counting.tallies.values()], lines: [...lines] }
}

/** Rows whose requests are looked up in the memory together. */
const blockRows = 64

/** A row, and what the lines would be asked for it. */
interface ReadRow {
  source: string
  place: string
  weight: number
  isCounted: boolean
  asked: { line: AskedLine; chunks: number; kept: number; texts: CountedText[]; keys: string[] }[]
}

const readRow = ({ input, cutters, splits, lines }: Counting, source: SourceConfig, sampled: SampledRow): ReadRow => {
  const { split, value, weight, isCounted } = sampled
  const place = `${source.name}/${split}`
  const limits = { conversationBytes: input.config.limits.conversation_bytes }
  const chunks = rowChunks(value, source, cutters, limits)
  const rows = splits.get(place) ?? {
    ...{ source: source.name, split, rows: 0, sampledRows: 0, badRows: 0, isCounted: true },
  }
  splits.set(place, rows)
  rows.rows += weight
  rows.sampledRows++
  rows.isCounted &&= isCounted
  if (!chunks) rows.badRows += weight
  const counted = new Map<string, ReturnType<typeof countedTexts>>()
  const asked = lines
    .filter(({ line }) => inLine(split, line.splits))
    .map((of) => {
      const { line } = of
      const own = chunks?.get(line.chunking) ?? []
      // Samples of a translator ask with the same texts.
      const name = line.sample === 0 ? line.line : line.line.replace(/-s\d+$/, '')
      const found = line.translator.translateNow
        ? { kept: own.filter(({ kind }) => kind === 'keep').length, texts: [] }
        : (counted.get(name) ?? countedTexts(own, of, source.name))
      counted.set(name, found)
      return { line: of, chunks: own.length, ...found, keys: firstKeys(found.texts, of, source.name) }
    })
  return { source: source.name, place, weight, isCounted, asked }
}

const countRows = async (counting: Counting, rows: readonly ReadRow[]): Promise<void> => {
  const { input, tallies, met } = counting
  await input.answers.load(rows.flatMap(({ asked }) => asked.flatMap(({ keys }) => keys)))
  for (const { source, place, weight, isCounted, asked } of rows) {
    const row = counting.row++
    for (const { line, chunks, kept, texts, keys } of asked) {
      const name = line.line.line
      const tally = tallies.get(`${place} ${name}`) ?? emptyTally(place, name)
      tallies.set(`${place} ${name}`, tally)
      const asks = await asksOf(texts, keys, { ...line, place, source }, input.answers)
      addRow(tally, met.get(line)!, { row, weight, isCounted, asks, chunks, kept })
    }
  }
}
