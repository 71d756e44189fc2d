import type { Detector, Finding, Pair } from './detector.ts'
import { gramNumbers, noGrams, wordNumbers } from './grams.ts'
import { readingsOf, readWords } from './reading.ts'

/** Marks of prompts and chat templates; none belongs into a translation whose source has it not. */
const marks =
  /<<<TEXT\d*|TEXT\d*>>>|<\|[a-z_]{2,30}\|>|<\/?(?:start|end)_of_turn>|\[\/?INST\]|<<\/?SYS>>|<\/s>|<(?:bos|eos|pad)>|<(?:ar|en)>(?=\s*$)/g
/** Instructions to translate, themselves translated. */
const instruction =
  /(?:ترجم|ترجمي|ترجموا|قم بترجمة|يرجى ترجمة|الرجاء ترجمة|ترجمة) (?:النص|الجملة|الفقرة|المقطع)(?: (?:التالي|التالية|الآتي|الآتية|الإنجليزي|الإنجليزية|الموجود|الواقع|بين))/
/** How many words of the instructions in a row are a fragment of them. */
const run = 5

/** Pieces of the prompt stand in the answer: marks around the text, tokens of a chat template, or the instructions. */
export const promptLeak: Detector = {
  reason: 'prompt_leak',
  version: 1,
  find: (pair) => {
    const { source, target } = pair
    let known: Set<string> | undefined
    for (const { 0: mark, index } of target.matchAll(marks)) {
      known ??= new Set(source.match(marks))
      if (!known.has(mark)) return at(index, index + mark.length)
    }
    const translated = instruction.exec(target)
    if (translated && !/translat/i.test(source)) return at(translated.index, translated.index + translated[0].length)
    return pair.promptText === undefined ? undefined : fragment(pair, pair.promptText)
  },
}

/** The first run of words that the answer has from the instructions and not from the source. */
function fragment(pair: Pair, promptText: string): Finding | undefined {
  const numbers = new Map<string, number>()
  const { words } = readingsOf(pair).target
  const ofPrompt = runsOf(wordNumbers(readWords(promptText).words, numbers))
  const answer = wordNumbers(words, numbers)
  let ofSource: Set<string> | undefined
  const grams = gramNumbers(answer, 4, ofPrompt.numbers)
  for (let i = 0; i + run <= answer.length; i++) {
    const key = `${grams[i]} ${answer[i + run - 1]}`
    if (!ofPrompt.keys.has(key)) continue
    ofSource ??= runsOf(wordNumbers(readingsOf(pair).source.words, numbers), ofPrompt.numbers).keys
    if (!ofSource.has(key)) return at(words[i]!.start, words[i + run - 1]!.end)
  }
  return undefined
}

function runsOf(words: readonly number[], numbers = noGrams()) {
  const keys = new Set<string>()
  gramNumbers(words, 4, numbers).forEach((gram, i) => {
    if (i + run <= words.length) keys.add(`${gram} ${words[i + run - 1]}`)
  })
  return { keys, numbers }
}

function at(start: number, end: number): Finding {
  return { reason: 'prompt_leak', start, end }
}
