import type { Detector } from './detector.ts'
import { edgesOf, straight } from './fragments.ts'

/** Each with what the source must not say itself, in which case the answer may be its translation. */
const patterns: readonly { says: RegExp; unless: RegExp }[] = [
  {
    says: /^(?:i'm|i am|we're|sorry|i apologi[sz]e|my apologies|as an ai|i (?:cannot|can't|can not|won't|will not|must decline)|unfortunately,? i)\b/,
    unless:
      /^[\s\S]{0,160}\b(?:sorry|apologi|can't|cannot|can not|unable|won't|as an ai|i am|i'm|we're|no longer|impossible|not something)/i,
  },
  {
    says: /^(?:عذرا|آسف|أعتذر|نعتذر|للأسف|معذرة|أنا آسف)[^.\n]{0,60}?(?:لا (?:أستطيع|يمكنني|يمكننا|أقدر)|لن أ|غير قادر|لست قادر)/,
    unless:
      /\b(?:sorry|apolog|can't|cannot|can not|unable|not able|afraid|regret|unfortunately|could not|couldn't|won't|don't|no longer|impossible|not possible|not something|nothing i can)/i,
  },
  {
    says: /^(?:لا (?:أستطيع|يمكنني)|لن أتمكن من|لا أقدر على|أرفض) (?:المساعدة|مساعدتك|ترجمة|تقديم|تنفيذ|تلبية|الإجابة|إنشاء)/,
    unless:
      /\b(?:can't|cannot|can not|unable|not able|won't|couldn't|don't|refuse|declin|reject|no longer|impossible|not possible|not something|nothing i can)/i,
  },
  {
    says: /^(?:بصفتي|باعتباري|كوني|أنا) (?:مجرد )?(?:نموذج|ذكاء|مساعد)[اً]* (?:لغو|اصطناع|ذكاء|لغة|افتراض)/,
    unless:
      /\b(?:ai|a\.i\.|language model|assistant|model|bots?|chatbots?|robots?|computer|machine|software|program)\b/i,
  },
  {
    says: /(?:لا (?:أستطيع|يمكنني)|تعذر|تتعذر|لن أقوم ب) ?ترجمة/,
    unless: /translat/i,
  },
]

/** The translator declines, in English or Arabic, while the source does not. */
export const refusal: Detector = {
  reason: 'refusal',
  version: 3,
  find: ({ source, target }) => {
    const { first } = edgesOf(target)
    const isRefused = patterns.some(({ says, unless }) => says.test(first) && !unless.test(straight(source)))
    return isRefused ? { reason: 'refusal', start: 0 } : undefined
  },
}
