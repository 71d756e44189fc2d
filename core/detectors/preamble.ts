import type { Detector } from './detector.ts'
import { edgesOf, straight } from './fragments.ts'

interface Pattern {
  says: RegExp
  /** What in the source makes the words a translation. */
  unless: RegExp
}

const aboutTranslation = /translat|arabic|render/i

/** How answers begin that speak about the translation. */
const openings: readonly Pattern[] = [
  {
    says: /^(?:sure|certainly|of course|absolutely|okay|ok|yes)?[!,.: ]*(?:here(?:'s| is| are)|below is|this is|the following is|the)? ?(?:the|an?|your|my)? ?(?:arabic |requested |accurate |full )*(?:translation|translated text|arabic version)\b/,
    unless: aboutTranslation,
  },
  {
    says: /^(?:sure|certainly|of course)[!,. ]+(?:here|i can|i'll|i will|let me|the|below)\b/,
    unless: /^\W*(?:sure|certainly|of course)/i,
  },
  {
    says: /^(?:in )?(?:arabic|modern standard arabic|العربية|باللغة العربية|بالعربية|arabic text) ?[:：\n]/,
    unless: aboutTranslation,
  },
  {
    says: /^(?:(?:بالتأكيد|بالطبع|حسنا|طبعا|أكيد|نعم|تفضل)[!،,. ]+)?(?:إليك|إليكم|اليك|ها هي|هذه هي|هذه|هذا هو|فيما يلي|هنا) ?(?:ال)?(?:ترجمة|نص المترجم|نسخة المترجمة|نسخة العربية)/,
    unless: aboutTranslation,
  },
  {
    says: /^(?:ال)?(?:ترجمة|نص المترجم)(?: العربية| النص| إلى (?:اللغة )?العربية| هي| هو)* ?[:：]/,
    unless: aboutTranslation,
  },
  {
    says: /^(?:بالتأكيد|بالطبع|طبعا|أكيد|بكل سرور)[!،,. ]+(?:إليك|ها هي|سأ|هذه هي|فيما يلي)/,
    unless:
      /^\W*(?:sure|certainly|of course|absolutely|definitely|yes|yeah|yep|okay|ok|gladly|happy|with pleasure|my pleasure|no problem|great|indeed|you bet|why not|got it|here|i'd|i would|naturally|by all means|obviously)/i,
  },
]

/** How answers end that speak about the translation. */
const endings: readonly Pattern[] = [
  {
    says: /(?:^|\n)\W*(?:translator'?s? note|translation notes?|note: (?:the|this|i) (?:translation|translated|above))/,
    unless: aboutTranslation,
  },
  {
    says: /(?:^|\n)\W*ملاحظ(?:ة|ات)(?: المترجم| الترجمة| حول الترجمة| على الترجمة|: (?:تم|تمت|قمت|حافظت|الترجمة|ترجم))/,
    unless: /translat|\b(?:notes?|nb|n\.b|remarks?|observations?|comments?|caveats?|warnings?|disclaimer)\b/i,
  },
  {
    says: /(?:let me know if|i hope this (?:translation )?helps|feel free to ask)[^\n]{0,80}$/,
    unless: /let me know|hope this|feel free/i,
  },
]

/** The answer speaks about the translation before or after it. */
export const preamble: Detector = {
  reason: 'preamble',
  version: 2,
  find: ({ source, target }) => {
    const { first, last } = edgesOf(target)
    if (openings.some((pattern) => speaks(pattern, first, source))) return { reason: 'preamble', start: 0 }
    return endings.some((pattern) => speaks(pattern, last, source))
      ? { reason: 'preamble', end: target.length }
      : undefined
  },
}

function speaks({ says, unless }: Pattern, text: string, source: string): boolean {
  return says.test(text) && !unless.test(straight(source))
}
