import type { TokenCounter } from '../../core/chunking/chunk.ts'
import type { Chunk } from '../../schemas/records.ts'
import type { TranslatorLine } from '../translate/open-translator.ts'
import { peel } from '../translate/peel.ts'
import type { TranslateRequest } from '../translate/translator.ts'
import { memoryKey } from '../translate/with-memory.ts'
import { firstTexts } from './first-requests.ts'
import { knownAnswers, knownOf } from './known-answers.ts'
import { type LineMeasures, noMeasures } from './measures.ts'
import type { StoredAnswers } from './stored-answers.ts'
import type { Ask } from './tally.ts'

/** Segments of a line whose remembered answers are checked again, to see which attempts follow. */
const mostChecked = 2000

/** What is asked of a line. */
export interface AskedLine {
  line: TranslatorLine
  count: TokenCounter
  /** What the memory tells about it, by split. */
  measures: Map<string, LineMeasures>
}

/** A text that is asked for, with its tokens; the same for all samples of a translator. */
export interface CountedText {
  role: string
  text: string
  segment: string
  isAlone: boolean
  promptTokens: number
  textTokens: number
}

/** Tokens that a chat template puts around a message. */
const templateTokens = 5

/** The texts that the chunks of a row are asked with. */
export const countedTexts = (
  chunks: readonly Chunk[],
  { line, count }: Pick<AskedLine, 'line' | 'count'>,
  source: string,
): { kept: number; texts: CountedText[] } => {
  let kept = 0
  const counted: CountedText[] = []
  for (const chunk of chunks) {
    const { segment } = peel(chunk.text)
    const texts = chunk.kind === 'translate' ? firstTexts(segment, line.rules) : []
    if (texts.length === 0) kept++
    for (const text of texts) {
      const promptTokens = renderedTokens(line.translator.render(requestOf(line, source, text, 0)), count)
      counted.push({
        role: chunk.role,
        text,
        segment,
        isAlone: texts.length === 1,
        promptTokens,
        textTokens: count(text),
      })
    }
  }
  return { kept, texts: counted }
}

/** The memory's keys of the first requests for some texts. */
export const firstKeys = (texts: readonly CountedText[], { line }: Pick<AskedLine, 'line'>, source: string): string[] =>
  texts.map(({ text }) => memoryKey(line.translator, requestOf(line, source, text, 0)))

/** The asks of one sample in a split, with what the memory has for them; their first keys are loaded. */
export const asksOf = async (
  texts: readonly CountedText[],
  keys: readonly string[],
  { line, measures: ofSplits, place, source }: AskedLine & { place: string; source: string },
  answers: Pick<StoredAnswers, 'get' | 'find'>,
): Promise<Ask[]> => {
  const answerTo = (text: string, attempt: number) =>
    answers.find(memoryKey(line.translator, requestOf(line, source, text, attempt)))
  const asks: Ask[] = []
  const measures = ofSplits.get(place) ?? noMeasures()
  ofSplits.set(place, measures)
  for (const [i, { role, segment, isAlone, promptTokens, textTokens }] of texts.entries()) {
    const key = keys[i]!
    const first = answers.get(key)
    let known: Ask['known']
    if (first) {
      measures.firsts++
      measures.ours.prompt += promptTokens
      measures.ours.text += textTokens
      measures.theirs.prompt += first.usage.prompt_tokens
      measures.theirs.completion += first.usage.completion_tokens
      known = knownOf([first], false)
      if (isAlone && measures.checked < mostChecked) {
        measures.checked++
        const { answers: all, isOpen } = await knownAnswers(segment, line.rules, answerTo)
        measures.further += all.length - 1 + (isOpen ? 1 : 0)
        known = knownOf(all, isOpen)
      }
    }
    asks.push({ key, role, promptTokens, textTokens, known })
  }
  return asks
}

/** Tokens of a prompt without a text. */
export const overheadOf = ({ line, count }: AskedLine): number =>
  renderedTokens(line.translator.render(requestOf(line, '', '', 0)), count)

const requestOf = (line: TranslatorLine, source: string, text: string, attempt: number): TranslateRequest => {
  const { source: sourceLanguage, target: targetLanguage } = line.languages(source)
  return { text, sourceLanguage, targetLanguage, id: '', messageIndex: 0, sample: line.sample, attempt }
}

/** Tokens of what a model reads of a rendered request: its prompt, or its messages with a template around each. */
const renderedTokens = (rendered: string, count: TokenCounter): number => {
  const { prompt, messages = [] } = JSON.parse(rendered) as { prompt?: string; messages?: { content: unknown }[] }
  if (typeof prompt === 'string') return count(prompt)
  return messages.reduce((sum, { content }) => sum + count(String(content)) + templateTokens, 0)
}
