import type { TranslateRequest } from '../translator.ts'

/** How a segment is put to a model: as chat messages or as a text to go on with. */
export type Rendered = { messages: { role: 'user' | 'assistant'; content: string }[] } | { prompt: string }

/** A prompt; its name and version are part of a translator's fingerprint. */
export interface Prompt {
  name: string
  version: number
  /** The kind of API that it is written for. */
  api: 'chat' | 'completions'
  render(request: Pick<TranslateRequest, 'text' | 'sourceLanguage' | 'targetLanguage'>): Rendered
  /** The translation in a raw answer. */
  parse(answer: string): string
  /** Texts that end an answer. */
  stop?: string[]
  /** Most tokens of an answer on attempt k, where the settings do not say; without it the server's own rule holds. */
  maxTokens?(attempt: number): number
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
