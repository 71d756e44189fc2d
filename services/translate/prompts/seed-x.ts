import { completionTokens, type Languages, languageName, type Prompt } from './prompt.ts'

const head = ({ sourceLanguage, targetLanguage }: Languages): string =>
  `Translate the following ${languageName(sourceLanguage)} sentence into ${languageName(targetLanguage)}:`

/**
 * Seed-X: a raw completion without chat template; the trailing tag names the target language. It follows no instructions.
 */
export const seedX: Prompt = {
  name: 'seed-x',
  version: 1,
  api: 'completions',
  render: ({ text, ...languages }) => ({
    prompt: `${head(languages)}\n${text} <${languages.targetLanguage.split('-')[0]}>`,
  }),
  instructions: head,
  parse: (answer) => answer.trim(),
  stop: ['</s>'],
  maxTokens: completionTokens,
}
