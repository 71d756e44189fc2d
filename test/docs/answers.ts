import { answersAboutCalls } from './answers-calls.ts'
import { answersAboutQuality } from './answers-quality.ts'
import { answersAboutVerdicts } from './answers-verdicts.ts'
import type { SmallRun } from './small-run.ts'

/** The rows that a question of docs/sql.md should give, computed from the topics of a run, by the question. */
export type Answers = Record<string, (run: SmallRun) => Record<string, unknown>[]>

/** Every question's answer. */
export const answers: Answers = { ...answersAboutCalls, ...answersAboutQuality, ...answersAboutVerdicts }
