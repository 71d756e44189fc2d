import { languageName, type Prompt } from './prompt.ts'

/** Seed-X: a raw completion without chat template; the trailing tag names the target language. It follows no instructions. */
export const seedX: Prompt = {
  name: 'seed-x',
  version: 1,
  render: ({ text, sourceLanguage, targetLanguage }) => ({
    prompt: `Translate the following ${languageName(sourceLanguage)} sentence into ${languageName(targetLanguage)}:\n${text} <${targetLanguage.split('-')[0]}>`,
  }),
  parse: (answer) => answer.trim(),
}
