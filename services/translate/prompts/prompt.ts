import type { TranslateRequest } from '../translator.ts'

/** How a segment is put to a model: as chat messages or as a text to go on with. */
export type Rendered = { messages: { role: 'user' | 'assistant'; content: string }[] } | { prompt: string }

/** The languages of a segment, as BCP 47 codes. */
export type Languages = Pick<TranslateRequest, 'sourceLanguage' | 'targetLanguage'>

/** What a prompt is made of. */
export type PromptRequest = Languages & Pick<TranslateRequest, 'text'>

/** A prompt; its name and version are part of a translator's fingerprint. */
export interface Prompt {
  name: string
  version: number
  /** What else it was made of, where a user wrote it. */
  settings?: unknown
  /** The kind of API that it is written for. */
  api: 'chat' | 'completions'
  render(request: PromptRequest): Rendered
  /** What the prompt says besides the text, so that it can be found in an answer. */
  instructions(languages: Languages): string
  /** The translation in a raw answer. */
  parse(answer: string): string
  /** Texts that end an answer. */
  stop?: readonly string[]
  /** Most tokens of an answer on attempt k, where the settings do not say; without it the server's own rule holds. */
  maxTokens?(attempt: number): number
}

/** Most tokens of an answer to a raw completion, which servers cut at 16 when they are not told: twice as many on each further attempt. */
export const completionTokens = (attempt: number): number => Math.min(4096, 512 * 2 ** Math.min(attempt, 10))

const names: Record<string, string> = {
  ...{ ar: 'Arabic', en: 'English', fr: 'French', de: 'German', es: 'Spanish', it: 'Italian', pt: 'Portuguese' },
  ...{ ru: 'Russian', zh: 'Chinese', ja: 'Japanese', ko: 'Korean', bg: 'Bulgarian', bn: 'Bengali', ca: 'Catalan' },
  ...{
    cs: 'Czech',
    da: 'Danish',
    el: 'Greek',
    et: 'Estonian',
    fa: 'Persian',
    fi: 'Finnish',
    he: 'Hebrew',
    hi: 'Hindi',
  },
  ...{ hr: 'Croatian', hu: 'Hungarian', id: 'Indonesian', lt: 'Lithuanian', lv: 'Latvian', ms: 'Malay', nl: 'Dutch' },
  ...{ no: 'Norwegian', pl: 'Polish', ro: 'Romanian', sk: 'Slovak', sl: 'Slovenian', sr: 'Serbian', sv: 'Swedish' },
  ...{
    sw: 'Swahili',
    ta: 'Tamil',
    te: 'Telugu',
    th: 'Thai',
    tr: 'Turkish',
    uk: 'Ukrainian',
    ur: 'Urdu',
    vi: 'Vietnamese',
  },
}

/** English name of a language; the code itself where it is not a common one. */
export const languageName = (code: string): string => names[code.split('-')[0]!] ?? code

/** Whether a code names one language: `und` and `mul` say that it is not known, or that there are several. */
export const isNamed = (code: string): boolean => !['', 'und', 'mul'].includes(code.split('-')[0]!)
