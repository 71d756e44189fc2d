import type { PartScore } from '../../schemas/records.ts'
import type { TokenCounter } from '../chunking/chunk.ts'
import { addPairs, type Counts, countPair, noCounts, type PairCounts } from './counts.ts'
import { lengthRatio } from './lr.ts'
import { scriptRatio } from './scr.ts'

/** A piece of a message in both languages; `translated` is false where the source's own text stands in the target. */
export interface ScoredPiece {
  partType: string
  sourceText: string
  targetText: string
  translated: boolean
}

/** One message of a candidate; the pieces are in their order. */
export interface MessageToScore {
  source: string
  target: string
  pieces: readonly ScoredPiece[]
}

/** Parameters of the metrics; see `lr` and `scr`. */
export interface ScoreSettings {
  alpha?: number
  tau?: number
}

/** Metrics and part scores, as records carry them; null = not applicable. */
export interface Scores {
  metrics: Record<string, number | null>
  parts: PartScore[]
}

/**
 * Counts a message. Neighbouring translated pieces of one part type are read as one text, so that scores do not depend
 * on how the message was cut, and white-listed spans are found in whole. Linear.
 */
export function countMessage({ source, target, pieces }: MessageToScore, count: TokenCounter): Counts {
  const counts = noCounts()
  counts.tokensSource = count(source)
  counts.tokensTarget = count(target)
  const runs = runsOf(pieces)
  for (const run of runs) {
    const pair = countPair(run.sources.join(''), run.targets.join(''))
    const before = counts.parts[run.partType]
    counts.parts[run.partType] = before === undefined ? pair : addPairs(before, pair)
    counts.translated = addPairs(counts.translated, pair)
  }
  // One run over all pieces is the whole message: most messages are plain text.
  const isWhole = runs.length === 1 && runs[0]!.sources.length === pieces.length
  counts.all = isWhole ? counts.translated : countPair(source, target)
  return counts
}

interface Run {
  partType: string
  sources: string[]
  targets: string[]
}

/** Translated pieces, neighbours of one part type together. */
function runsOf(pieces: readonly ScoredPiece[]): Run[] {
  const runs: Run[] = []
  let goesOn = false
  for (const { partType, sourceText, targetText, translated } of pieces) {
    const last = runs.at(-1)
    if (translated && goesOn && last?.partType === partType) {
      last.sources.push(sourceText)
      last.targets.push(targetText)
    } else if (translated) runs.push({ partType, sources: [sourceText], targets: [targetText] })
    goesOn = translated
  }
  return runs
}

/**
 * The scores of counts: `lr`, `scr` of translated pieces, `lr_all`, `scr_all` of whole contents, `tokens_source`,
 * `tokens_target`, and `lr`, `scr` by part type in the order of the types' names.
 */
export function scoresOf(counts: Counts, settings: ScoreSettings = {}): Scores {
  const translated = pairScores(counts.translated, settings)
  const all = pairScores(counts.all, settings)
  return {
    metrics: {
      lr: translated.lr,
      scr: translated.scr,
      lr_all: all.lr,
      scr_all: all.scr,
      tokens_source: counts.tokensSource,
      tokens_target: counts.tokensTarget,
    },
    parts: Object.keys(counts.parts)
      .sort()
      .map((type) => ({ part_type: type, metrics: { ...pairScores(counts.parts[type]!, settings) } })),
  }
}

function pairScores({ texts, source, target, script }: PairCounts, { alpha, tau }: ScoreSettings) {
  return texts === 0
    ? { lr: null, scr: null }
    : { lr: lengthRatio(source, target, alpha), scr: scriptRatio(script, tau) }
}
