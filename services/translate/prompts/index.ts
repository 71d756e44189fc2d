import { instruct } from './instruct.ts'
import type { Prompt } from './prompt.ts'
import { seedX } from './seed-x.ts'
import { type PromptTemplate, templatePrompt } from './template.ts'
import { translateGemma } from './translate-gemma.ts'

/** Every prompt by its name in pipeline.yaml. */
export const prompts = {
  instruct,
  'seed-x': seedX,
  'translate-gemma': translateGemma,
} satisfies Record<string, Prompt>

/** What a translator's `prompt` may be: a name, or a template of the user's own. */
export type PromptSetting = keyof typeof prompts | PromptTemplate

/** The prompt that a setting names or is. */
export const promptOf = (setting: PromptSetting): Prompt =>
  typeof setting === 'string' ? prompts[setting] : templatePrompt(setting, { name: 'template', version: 1 })
