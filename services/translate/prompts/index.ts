import { instruct } from './instruct.ts'
import type { Prompt } from './prompt.ts'
import { seedX } from './seed-x.ts'

/** Every prompt by its name in pipeline.yaml. */
export const prompts: Record<'instruct' | 'seed-x', Prompt> = { instruct, 'seed-x': seedX }
