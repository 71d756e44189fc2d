import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError, messageOf } from '../../dataflow/error.ts'
import { greeting } from './calls/retried.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from './translator.ts'

/** One promise of the translator port, to be tried on any translator; `run` resolves with what speaks against it. */
export interface PortCheck {
  /** What the translator does, as `answers a greeting`. */
  name: string
  run(translator: Translator): Promise<string | undefined>
}

/** Texts that bad transports break, by what is in them; each has a number of its own. */
export const hardTexts: Readonly<Record<string, string>> = {
  emoji: 'I love it 👍🏽, said family 10001 👨‍👩‍👧.',
  newlines: 'First line 10002.\n\n  Third line.\nLast line.',
  'newlines of Windows': 'First line 10009.\r\n\r\n  Third line.',
  'line separators': 'One\u2028two\u2029three 10003.\u0085Four.',
  'direction marks': 'He said \u200f\u202bمرحبا\u202c\u200e in room 10004.',
  JSON: '{"id": "1", "text": "no answer"} is what it printed in test 10005.',
  quotes: 'She wrote "C:\\new\\table" and \'it\' on page 10006.',
  'control characters': 'A tab\tand a bell\u0007 in test 10007.',
}
/** About 2,000 tokens. */
export const longText = `${'The water of the river is clear and cold in the morning. '.repeat(140)}Number 10008.`
const crowd = 12
const sideBySide = Array.from({ length: crowd }, (_, i) => `The number of this room is ${20_001 + i}.`)

/** All checks, in the order in which they are run: the last one closes the translator. About 25 calls. */
export const portChecks: readonly PortCheck[] = [
  {
    name: 'answers a greeting',
    run: async (translator) => problemOf(await asked(translator, requestOf(greeting))),
  },
  {
    name: 'has a fingerprint and slots, and renders equal requests alike and others otherwise',
    async run(translator) {
      const { fingerprint, slots } = translator
      if (typeof fingerprint !== 'string' || fingerprint === '') return 'the fingerprint is empty'
      if (!Number.isInteger(slots) || slots < 1) return `slots is ${slots}`
      const rendered = translator.render(requestOf(greeting))
      if (translator.render(requestOf(greeting)) !== rendered) return 'two equal requests are rendered differently'
      if (translator.render(requestOf(`${greeting} Yes.`)) === rendered) return 'two texts are rendered alike'
      return translator.fingerprint === fingerprint ? undefined : 'the fingerprint changes by itself'
    },
  },
  { name: 'gives every one of many calls at once its own answer', run: asksSideBySide },
  {
    name: 'takes emoji, line breaks, direction marks, quotes and what looks like JSON',
    async run(translator) {
      for (const [what, text] of Object.entries(hardTexts)) {
        const problem = problemOf(await asked(translator, requestOf(text)))
        if (problem) return `${what}: ${problem}`
      }
      return undefined
    },
  },
  {
    name: 'answers a long text or refuses it',
    async run(translator) {
      const outcome = await asked(translator, requestOf(longText))
      const isRefused = outcome instanceof KalamError && outcome.code === 'backend_refused'
      return isRefused ? undefined : problemOf(outcome)
    },
  },
  {
    name: 'answers further attempts and samples',
    async run(translator) {
      for (const more of [{ attempt: 1 }, { sample: 1 }, { attempt: 2, sample: 1 }]) {
        const problem = problemOf(await asked(translator, requestOf(greeting, more)))
        if (problem) return `${JSON.stringify(more)}: ${problem}`
      }
      return undefined
    },
  },
  { name: 'ends a call when it is aborted, and answers the next one', run: aborts },
  { name: 'closes, also twice', run: closes },
]

const requestOf = (text: string, more: Partial<TranslateRequest> = {}): TranslateRequest => ({
  ...{ text, sourceLanguage: 'en', targetLanguage: 'ar', id: 'suite/train/0', messageIndex: 0, sample: 0, attempt: 0 },
  ...more,
})

type Outcome = TranslateAnswer | KalamError | { odd: string }

/** Repeats of a call that may succeed later: a limit of the provider says nothing about the translator. */
const mostTries = 3
const retryMs = 1000

const asked = async (translator: Translator, request: TranslateRequest): Promise<Outcome> => {
  for (let tries = 1; ; tries++) {
    try {
      return await translator.translate(request, { signal: new AbortController().signal })
    } catch (thrown) {
      if (!(thrown instanceof KalamError)) return { odd: `it threw no KalamError: ${messageOf(thrown)}` }
      if (!thrown.retryable || tries === mostTries) return thrown
      await sleep(retryMs)
    }
  }
}

/** What is wrong with an outcome; a text that a recording does not have is no fault. */
const problemOf = (outcome: Outcome): string | undefined => {
  if (outcome instanceof KalamError) return outcome.code === 'no_translation' ? undefined : outcome.message
  if ('odd' in outcome) return outcome.odd
  const { text, usage } = outcome
  if (typeof text !== 'string') return 'the answer has no text'
  if (text.trim() === '') return 'the answer is empty'
  if (!text.isWellFormed() || text.includes('\ufffd')) return `the answer is damaged: ${JSON.stringify(text)}`
  const numbers = [usage.prompt_tokens, usage.completion_tokens, usage.latency_ms, usage.cost_usd ?? 0]
  return numbers.every((number) => number >= 0) ? undefined : `its usage is ${JSON.stringify(usage)}`
}

async function asksSideBySide(translator: Translator): Promise<string | undefined> {
  const outcomes = await Promise.all(sideBySide.map((text) => asked(translator, requestOf(text))))
  const problem = outcomes.map(problemOf).find((one) => one !== undefined)
  if (problem) return problem
  for (const [i, outcome] of outcomes.entries()) {
    if (!('text' in outcome)) continue
    const numbers = westernDigits(outcome.text).match(/\d{5}/g) ?? []
    const foreign = numbers.find((number) => number !== String(20_001 + i) && sideBySide.join().includes(number))
    if (foreign)
      return `${JSON.stringify(sideBySide[i])} got the answer to another call: ${JSON.stringify(outcome.text)}`
  }
  return undefined
}

const westernDigits = (text: string): string => text.replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15))

const mostAbortMs = 2000

async function aborts(translator: Translator): Promise<string | undefined> {
  const controller = new AbortController()
  const call = translator.translate(requestOf(`${greeting} Stop.`), { signal: controller.signal })
  const ended = call.then(
    () => true,
    () => true,
  )
  controller.abort(new Error('the check has aborted it'))
  const isOver = await within(mostAbortMs, ended, false)
  if (!isOver) return `an aborted call goes on for more than ${mostAbortMs / 1000} s`
  return problemOf(await asked(translator, requestOf(greeting)))
}

const mostCloseMs = 10_000

async function closes(translator: Translator): Promise<string | undefined> {
  const closed = (async () => {
    await translator.close?.()
    await translator.close?.()
  })()
  const outcome = closed.then(
    () => undefined,
    (thrown) => `close says: ${messageOf(thrown)}`,
  )
  return within(mostCloseMs, outcome, `it is not closed after ${mostCloseMs / 1000} s`)
}

/** The outcome of a promise, or `otherwise` after so many milliseconds. */
const within = async <T, Other>(ms: number, promise: Promise<T>, otherwise: Other): Promise<T | Other> => {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<Other>((resolve) => {
    timer = setTimeout(resolve, ms, otherwise)
  })
  return Promise.race([promise, over]).finally(() => clearTimeout(timer))
}
