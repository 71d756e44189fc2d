import type { TranslateRequest } from '../translator.ts'

/** How a segment is put to a model: as chat messages or as a text to go on with. */
export type Rendered = { messages: { role: 'user' | 'assistant'; content: string }[] } | { prompt: string }

/** A prompt; its name and version are part of a translator's fingerprint. */
export interface Prompt {
  name: string
  version: number
  render(request: Pick<TranslateRequest, 'text' | 'sourceLanguage' | 'targetLanguage'>): Rendered
  /** The translation in a raw answer. */
  parse(answer: string): string
}

const names: Record<string, string> = {
  ar: 'Arabic',
  en: 'English',
  fr: 'French',
  de: 'German',
  es: 'Spanish',
  it: 'Italian',
  pt: 'Portuguese',
  ru: 'Russian',
  zh: 'Chinese',
  ja: 'Japanese',
  ko: 'Korean',
}

/** English name of a language; the code itself where it is not a common one. */
export const languageName = (code: string): string => names[code.split('-')[0]!] ?? code
