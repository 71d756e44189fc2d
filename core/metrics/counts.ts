import { type Extent, wordsAndChars } from './lr.ts'
import { type ScriptCounts, scriptCounts } from './scr.ts'

/** What the scores of source and target texts are computed from. */
export interface PairCounts {
  /** Pairs of texts behind the sums; 0 = nothing to judge. */
  texts: number
  source: Extent
  target: Extent
  /** Of the target. */
  script: ScriptCounts
  sourceScript: ScriptCounts
}

/** What all scores of a message or conversation are computed from; sums of messages are the conversation's. */
export interface Counts {
  /** Whole contents. */
  all: PairCounts
  /** Translated pieces only. */
  translated: PairCounts
  /** Translated pieces by part type; only types that have any. */
  parts: Record<string, PairCounts>
  tokensSource: number
  tokensTarget: number
}

/** The counts of nothing. */
export function noCounts(): Counts {
  return { all: noPair(), translated: noPair(), parts: {}, tokensSource: 0, tokensTarget: 0 }
}

/** The counts of one text and its translation. */
export function countPair(source: string, target: string): PairCounts {
  return {
    texts: 1,
    source: wordsAndChars(source),
    target: wordsAndChars(target),
    script: scriptCounts(target),
    sourceScript: scriptCounts(source),
  }
}

/** The sum of two pairs' counts. */
export function addPairs(a: PairCounts, b: PairCounts): PairCounts {
  return {
    texts: a.texts + b.texts,
    source: addExtents(a.source, b.source),
    target: addExtents(a.target, b.target),
    script: addScripts(a.script, b.script),
    sourceScript: addScripts(a.sourceScript, b.sourceScript),
  }
}

/** The sum of the counts of two stretches of a conversation. */
export function addCounts(a: Counts, b: Counts): Counts {
  const parts = { ...a.parts }
  for (const [type, pair] of Object.entries(b.parts)) parts[type] = addPairs(parts[type] ?? noPair(), pair)
  return {
    all: addPairs(a.all, b.all),
    translated: addPairs(a.translated, b.translated),
    parts,
    tokensSource: a.tokensSource + b.tokensSource,
    tokensTarget: a.tokensTarget + b.tokensTarget,
  }
}

function noPair(): PairCounts {
  return {
    texts: 0,
    source: { words: 0, chars: 0 },
    target: { words: 0, chars: 0 },
    script: { arabic: 0, latin: 0, digits: 0 },
    sourceScript: { arabic: 0, latin: 0, digits: 0 },
  }
}

function addExtents(a: Extent, b: Extent): Extent {
  return { words: a.words + b.words, chars: a.chars + b.chars }
}

function addScripts(a: ScriptCounts, b: ScriptCounts): ScriptCounts {
  return { arabic: a.arabic + b.arabic, latin: a.latin + b.latin, digits: a.digits + b.digits }
}
