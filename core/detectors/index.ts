import { copy } from './copy.ts'
import type { Detector, Finding, Pair } from './detector.ts'
import { doubledSentence } from './doubled-sentence.ts'
import { doubledWord } from './doubled-word.ts'
import { empty } from './empty.ts'
import { foreignScript } from './foreign-script.ts'
import { length } from './length.ts'
import { tooLong, tooShort, truncated, wordy } from './lengths.ts'
import { mixedDigits, persianLetters, presentationForms } from './letter-flags.ts'
import { linesLost } from './lines-lost.ts'
import { mojibake } from './mojibake.ts'
import { noArabic } from './no-arabic.ts'
import { numbers } from './numbers.ts'
import { partCopied } from './part-copied.ts'
import { placeholders, sentinels } from './placeholders.ts'
import { preamble } from './preamble.ts'
import { promptLeak } from './prompt-leak.ts'
import { refusal } from './refusal.ts'
import { repetition } from './repetition.ts'
import { runaway } from './runaway.ts'
import { unbalancedBraces } from './unbalanced-braces.ts'
import { unbalancedFence } from './unbalanced-fence.ts'
import { unbalancedTags } from './unbalanced-tags.ts'
import { unchanged } from './unchanged.ts'
import { quoted, wrapper } from './wrapper.ts'
import { wrongLanguage } from './wrong-language.ts'
import { wrongScript } from './wrong-script.ts'

/** Every detector, the most severe first: the first finding is an answer's reason. */
export const detectors: readonly Detector[] = [
  empty,
  length,
  runaway,
  refusal,
  promptLeak,
  preamble,
  wrapper,
  copy,
  wrongScript,
  wrongLanguage,
  repetition,
  tooShort,
  tooLong,
  sentinels,
  unbalancedFence,
  mojibake,
  partCopied,
  foreignScript,
  truncated,
  doubledSentence,
  noArabic,
  quoted,
  placeholders,
  unchanged,
  unbalancedTags,
  unbalancedBraces,
  numbers,
  linesLost,
  wordy,
  doubledWord,
  persianLetters,
  presentationForms,
  mixedDigits,
]

/** The version of every detector by its reason; part of fingerprints. */
export const detectorVersions: Record<string, number> = Object.fromEntries(
  detectors.map(({ reason, version }) => [reason, version]),
)

/**
 * Everything that detectors find, the most severe first; those whose reasons stand in `skip` are left out. Nothing else is
 * looked for in an empty answer, nor in a runaway, whose size has no bound.
 */
export function findings(pair: Pair, { skip }: { skip?: ReadonlySet<string> } = {}): Finding[] {
  const found: Finding[] = []
  for (const { reason, find } of detectors) {
    const finding = skip?.has(reason) ? undefined : find(pair)
    if (finding === undefined) continue
    found.push(finding)
    if (reason === 'empty' || reason === 'runaway') break
  }
  return found
}
