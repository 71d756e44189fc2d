import type { Detector, Finding, Pair } from './detector.ts'
import { readingsOf, readWords, type Word } from './reading.ts'

/** Marks of prompts and chat templates; none belongs into a translation whose source has it not. */
const marks =
  /<<<TEXT\d*|TEXT\d*>>>|<\|[a-z_]{2,30}\|>|<\/?(?:start|end)_of_turn>|\[\/?INST\]|<<\/?SYS>>|<\/s>|<(?:bos|eos|pad)>|<(?:ar|en)>(?=\s*$)/g
/** Instructions to translate, themselves translated. */
const instruction =
  /(?:ترجم|ترجمي|ترجموا|قم بترجمة|يرجى ترجمة|الرجاء ترجمة|ترجمة) (?:النص|الجملة|الفقرة|المقطع)(?: (?:التالي|التالية|الآتي|الآتية|الإنجليزي|الإنجليزية|الموجود|الواقع|بين))/
/** Sources whose translation says so. */
const asksForIt =
  /translat|\b(?:into|in|to) (?:arabic|english|french|spanish|german|italian|portuguese|russian|chinese|japanese|korean|turkish|hindi|urdu|persian|latin|another language)\b/i
/** A text that something is asked about in a language, whichever. */
const asksForLanguage = /\b(?:sentence|text|paragraph|passage|phrase|following|say)\b[^.?!\n]{0,60}\b(?:into|in) [A-Z]/
/** How many words of the instructions in a row are a fragment of them. */
const run = 5

/** Pieces of the prompt stand in the answer: marks around the text, tokens of a chat template, or the instructions. */
export const promptLeak: Detector = {
  reason: 'prompt_leak',
  version: 3,
  find: (pair) => {
    const { source, target } = pair
    let own: Set<string> | undefined
    for (const { 0: mark, index } of target.matchAll(marks)) {
      own ??= new Set(source.match(marks))
      if (!own.has(mark)) return at(index, index + mark.length)
    }
    const translated = instruction.exec(target)
    if (translated && !asksForIt.test(source) && !asksForLanguage.test(source))
      return at(translated.index, translated.index + translated[0].length)
    return pair.promptText === undefined ? undefined : fragment(pair, pair.promptText)
  },
}

/** The first run of words that the answer has from the instructions and not from the source. */
function fragment(pair: Pair, promptText: string): Finding | undefined {
  const { source, target } = readingsOf(pair)
  const prompt = runsOf(promptText)
  let ofSource: Map<string, number> | undefined
  for (const [key, last] of knownRuns(target.words, prompt.words)) {
    if (!prompt.runs.has(key)) continue
    ofSource ??= knownRuns(source.words, prompt.words)
    if (!ofSource.has(key)) return at(target.words[last - run + 1]!.start, target.words[last]!.end)
  }
  return undefined
}

interface Runs {
  promptText: string
  words: ReadonlySet<string>
  runs: ReadonlyMap<string, number>
}

let known: Runs | undefined

/** The runs of a prompt; kept, because all chunks of a line have the same. */
function runsOf(promptText: string): Runs {
  if (known?.promptText !== promptText) {
    const { words } = readWords(promptText)
    const all = new Set(words.map(({ text }) => text))
    known = { promptText, words: all, runs: knownRuns(words, all) }
  }
  return known
}

/** Runs of words that all are among `among`, with the place of the last word of each one's first occurrence. */
function knownRuns(words: readonly Word[], among: ReadonlySet<string>): Map<string, number> {
  const runs = new Map<string, number>()
  let length = 0
  for (let at = 0; at < words.length; at++) {
    length = among.has(words[at]!.text) ? length + 1 : 0
    if (length < run) continue
    const key = words
      .slice(at - run + 1, at + 1)
      .map(({ text }) => text)
      .join(' ')
    if (!runs.has(key)) runs.set(key, at)
  }
  return runs
}

function at(start: number, end: number): Finding {
  return { reason: 'prompt_leak', start, end }
}
