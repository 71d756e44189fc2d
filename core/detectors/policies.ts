import type { TextKind } from './text-kind.ts'

/** What is done about a finding: ask again, ask for smaller pieces, accept and say so, or fail the chunk. */
export type Policy = 'retry' | 'split' | 'flag' | 'fail'

/** What is done while attempts are left, and when they are out. */
export interface ReasonPolicy {
  first: Policy
  last: 'flag' | 'fail'
}

const flag: ReasonPolicy = { first: 'flag', last: 'flag' }
const retryThenFlag: ReasonPolicy = { first: 'retry', last: 'flag' }
const retryThenFail: ReasonPolicy = { first: 'retry', last: 'fail' }
const splitThenFail: ReasonPolicy = { first: 'split', last: 'fail' }

/** The policy of every reason. A reason whose clean texts may have it, in whatever small number, ends in a flag. */
export const defaultPolicies: Readonly<Record<string, ReasonPolicy>> = {
  empty: retryThenFail,
  length: splitThenFail,
  runaway: splitThenFail,
  refusal: retryThenFail,
  prompt_leak: retryThenFail,
  preamble: retryThenFail,
  wrapper: retryThenFail,
  copy: retryThenFail,
  wrong_script: retryThenFail,
  wrong_language: retryThenFail,
  repetition: retryThenFail,
  too_short: retryThenFail,
  too_long: retryThenFail,
  sentinels: retryThenFail,
  unbalanced_fence: retryThenFail,
  mojibake: retryThenFlag,
  part_copied: retryThenFlag,
  foreign_script: retryThenFlag,
  truncated: retryThenFlag,
  doubled_sentence: retryThenFlag,
  no_arabic: retryThenFlag,
  quoted: retryThenFlag,
  placeholders: retryThenFlag,
  unchanged: retryThenFlag,
  unbalanced_tags: retryThenFlag,
  unbalanced_braces: retryThenFlag,
  numbers: flag,
  lines_lost: flag,
  wordy: flag,
  doubled_word: flag,
  persian_letters: flag,
  presentation_forms: flag,
  mixed_digits: flag,
}

/** Where a kind of text differs: what is a fault in prose may be right in a document or in code. */
const byKind: Readonly<Record<TextKind, Readonly<Record<string, ReasonPolicy>>>> = {
  prose: {},
  markdown: {},
  code_like: {
    copy: retryThenFlag,
    wrong_script: flag,
    repetition: retryThenFlag,
    too_short: retryThenFlag,
    too_long: retryThenFlag,
    part_copied: flag,
    truncated: flag,
    unchanged: flag,
    no_arabic: flag,
    unbalanced_tags: flag,
    unbalanced_braces: flag,
    placeholders: flag,
  },
}

/** The policy of a reason for a kind of text; a reason that nobody knows is asked again and then fails. */
export function policyOf(reason: string, kind: TextKind): ReasonPolicy {
  return byKind[kind][reason] ?? defaultPolicies[reason] ?? retryThenFail
}
