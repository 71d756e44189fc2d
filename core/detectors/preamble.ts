import type { Detector } from './detector.ts'
import { edgesOf, straight } from './fragments.ts'

interface Pattern {
  says: RegExp
  /** What in the source makes the words a translation. */
  unless: RegExp
}

const aboutTranslation = /translat|arabic|render/i
/** What is called a translation in Arabic too. */
const aboutVersion = /translat|arabic|render|^[\s\S]{0,40}\b(?:subtitl|caption|version|edition|interpret)/i
/** A source that begins with an exclamation of a few words, or with a colon behind them. */
const startsShort = /^\W*[\w' ]{1,24}[!,.:;–—]/

/** How answers begin that speak about the translation. */
const openings: readonly Pattern[] = [
  {
    says: /^(?:sure|certainly|of course|absolutely|okay|ok|yes)?[!,.: ]*(?:here(?:'s| is| are)|below is|this is|the following is|the)? ?(?:the|an?|your|my)? ?(?:arabic |requested |accurate |full )*(?:translation|translated text|arabic version)\b/,
    unless: aboutTranslation,
  },
  {
    says: /^(?:sure|certainly|of course)[!,. ]+(?:here|i can|i'll|i will|let me|the|below)\b/,
    unless: startsShort,
  },
  {
    says: /^(?:in )?(?:arabic|modern standard arabic|العربية|باللغة العربية|بالعربية|arabic text) ?[:：\n]/,
    unless: aboutTranslation,
  },
  {
    says: /^(?:(?:بالتأكيد|بالطبع|حسنا|طبعا|أكيد|نعم|تفضل)[!،,. ]+)?(?:إليك|إليكم|اليك|ها هي|هذه هي|هذه|هذا هو|فيما يلي|هنا) ?(?:ال)?(?:ترجمة|نص المترجم|نسخة المترجمة|نسخة العربية|نص (?:باللغة العربية|بالعربية))/,
    unless: aboutVersion,
  },
  {
    says: /^(?:ال)?(?:ترجمة|نص المترجم|نص (?:باللغة العربية|بالعربية))(?: العربية| (?:ال|لل)نص| المعطى| إلى (?:اللغة )?العربية| هي| هو)* ?[:：]/,
    unless: aboutVersion,
  },
  {
    says: /^(?:بالتأكيد|بالطبع|طبعا|أكيد|بكل سرور)[!،,. ]+(?:إليك|ها هي|سأ|هذه هي|فيما يلي)/,
    unless: startsShort,
  },
  {
    says: /^(?:output|answer|result|response|translated|arabic translation) ?[:：]/,
    unless: /\b(?:output|answer|result|response|translat)/i,
  },
]

/** How answers end that speak about the translation. */
const endings: readonly Pattern[] = [
  {
    says: /(?:^|\n)[^\p{L}\p{N}\n]*(?:translator'?s? note|translation notes?|note: (?:the|this|i) (?:translation|translated|above)|explanation ?:)/u,
    unless: /translat|arabic|render|explanation/i,
  },
  {
    says: /(?:^|\n)[^\p{L}\p{N}\n]*ملاحظ(?:ة|ات)(?: المترجم| الترجمة| حول الترجمة| على الترجمة|: (?:تم|تمت|قمت|حافظت|الترجمة|ترجم))/u,
    unless:
      /translat|p\.? ?s\b|postscript|\b(?:notes?|nb|n\.b|remarks?|observations?|comments?|caveats?|warnings?|disclaimer)\b/i,
  },
  {
    says: /(?:let me know if|i hope this (?:translation )?helps|feel free to ask)[^\n]{0,80}$/,
    unless: /let me know|hope this|feel free/i,
  },
  {
    says: /(?:(?:آمل|أرجو|أتمنى) أن تكون (?:هذه )?(?:ال)?ترجمة|هل (?:تريد|ترغب|تود)[^\n]{0,30}ترجم)[^\n]{0,80}$/,
    unless: aboutTranslation,
  },
]

/** The answer speaks about the translation before or after it. */
export const preamble: Detector = {
  reason: 'preamble',
  version: 3,
  find: ({ source, target }) => {
    const { first, last } = edgesOf(target)
    if (openings.some((pattern) => speaks(pattern, first, source)) || isIntroduced(source, target))
      return { reason: 'preamble', start: 0 }
    return endings.some((pattern) => speaks(pattern, last, source))
      ? { reason: 'preamble', end: target.length }
      : undefined
  },
}

function speaks({ says, unless }: Pattern, text: string, source: string): boolean {
  return says.test(text) && !unless.test(straight(source))
}

/** A colon so near the beginning of a source may be the one behind a translation's first line. */
const introduction = 160

/** Whether a short line with a colon stands before what has as many lines as the source, which begins otherwise. */
function isIntroduced(source: string, target: string): boolean {
  const line = /^\s*([^\n]{1,100})\n/.exec(target)?.[1]?.trimEnd()
  if (line === undefined || !/[:：][*_]*$/.test(line)) return false
  return !/[:：](?![\w/])/.test(source.trimStart().slice(0, introduction)) && linesOf(target) === linesOf(source) + 1
}

/** Lines with something on them. */
function linesOf(text: string): number {
  return text.match(/\S[^\n]*/g)?.length ?? 0
}
