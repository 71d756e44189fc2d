import { templatePrompt } from './template.ts'

/**
 * TranslateGemma: one user turn of exactly this wording, with two blank lines in front of the text, as its model card and the
 * model's page at Ollama give it. The model knows no other instructions.
 */
export const translateGemma = templatePrompt(
  {
    template: [
      'You are a professional {source_language} ({source_code}) to {target_language} ({target_code}) translator. Your goal is to accurately convey the meaning and nuances of the original {source_language} text while adhering to {target_language} grammar, vocabulary, and cultural sensitivities.',
      'Produce only the {target_language} translation, without any additional explanations or commentary. Please translate the following {source_language} text into {target_language}:',
      '',
      '',
      '{text}',
    ].join('\n'),
    ...{ api: 'chat', stop: [], parse: 'trim' },
  },
  { name: 'translate-gemma', version: 1 },
)
