import { languageName, type Prompt } from './prompt.ts'

/** Tokens of an answer: those of the model's own example, twice as many on each further attempt, at most 8 times. */
const tokens = { first: 512, most: 4096 }

/**
 * Seed-X: a raw completion without chat template; the trailing tag names the target language. It follows no instructions.
 * Servers cut raw completions at 16 tokens when they are not told otherwise.
 */
export const seedX: Prompt = {
  name: 'seed-x',
  version: 1,
  api: 'completions',
  render: ({ text, sourceLanguage, targetLanguage }) => ({
    prompt: `Translate the following ${languageName(sourceLanguage)} sentence into ${languageName(targetLanguage)}:\n${text} <${targetLanguage.split('-')[0]}>`,
  }),
  parse: (answer) => answer.trim(),
  stop: ['</s>'],
  maxTokens: (attempt) => Math.min(tokens.most, tokens.first * 2 ** Math.min(attempt, 10)),
}
