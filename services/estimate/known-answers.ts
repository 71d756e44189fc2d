import { KalamError } from '../../dataflow/error.ts'
import { type SegmentRules, translateSegment } from '../translate/translate-segment.ts'
import type { TranslateAnswer } from '../translate/translator.ts'
import type { Known } from './tally.ts'

/** What the memory has for a segment: its answers in the order they would be taken, and whether the next one is missing. */
export const knownAnswers = async (
  segment: string,
  rules: SegmentRules,
  answerTo: (text: string, attempt: number) => Promise<TranslateAnswer | undefined>,
): Promise<{ answers: TranslateAnswer[]; isOpen: boolean }> => {
  const answers: TranslateAnswer[] = []
  let isOpen = false
  await translateSegment(segment, rules, async (text, attempt) => {
    const answer = await answerTo(text, attempt)
    if (answer) {
      answers.push(answer)
      return answer
    }
    isOpen = true
    throw new KalamError('no_translation', 'estimating: the memory has no answer')
  })
  return { answers, isOpen }
}

/** What some answers took. */
export const knownOf = (answers: readonly TranslateAnswer[], isOpen: boolean): Known => ({
  calls: answers.length,
  promptTokens: answers.reduce((sum, { usage }) => sum + usage.prompt_tokens, 0),
  completionTokens: answers.reduce((sum, { usage }) => sum + usage.completion_tokens, 0),
  usd: answers.reduce((sum, { usage }) => sum + (usage.cost_usd ?? 0), 0),
  isOpen,
})
