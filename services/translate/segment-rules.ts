import { detectors, detectorVersions, findings } from '../../core/detectors/index.ts'
import { type Policy, policyOf, type ReasonPolicy } from '../../core/detectors/policies.ts'
import type { TextKind } from '../../core/detectors/text-kind.ts'
import { spanFinder } from '../../core/masking/find-spans.ts'
import { defaultMaskKinds, type MaskKind } from '../../core/masking/kinds.ts'
import { maskVersion } from '../../core/masking/mask.ts'
import { tokenLimitOf } from '../chunk/cutter-of.ts'
import type { ChunkingConfig } from '../config.ts'
import type { SegmentRules } from './translate-segment.ts'
import { refusal } from './validate.ts'

const hopelessReasons = new Set(['empty', 'length', 'runaway', 'refusal'])

/** Raised when the same answers lead to other attempts or texts. */
const segmentVersion = 2

/** What of a translator's settings says how its texts are protected and its answers judged. */
export interface RuleSettings {
  masking: { kinds?: MaskKind[] | undefined; terms: string[] }
  /** What is done about a reason instead of what its policy says. */
  checks: Record<string, Policy | 'off'>
  attempts: number
}

/** The rules of a translator that others are called for, and what of them is part of its line's fingerprint. */
export const rulesOf = (
  { masking, checks, attempts }: RuleSettings,
  about: { chunking: ChunkingConfig | undefined; promptText: string; base?: string },
): { rules: SegmentRules; fingerprint: unknown } => {
  const { kinds = [...defaultMaskKinds], terms } = masking
  const off = new Set(Object.entries(checks).flatMap(([reason, policy]) => (policy === 'off' ? [reason] : [])))
  const offOrLater = new Set([...off, ...later])
  const limit = about.chunking && tokenLimitOf(about.chunking, about.base)
  return {
    rules: {
      findSpans: spanFinder({ kinds, terms }),
      fits: (text) => limit === undefined || limit.count(text) <= limit.tokens,
      hopeless: (pair) => findings(pair, { skip: offOrLater })[0],
      findings: (pair) => findings(pair, { skip: off }),
      policyOf: (reason, kind) => overruled(checks[reason], reason, kind),
      attempts,
      promptText: about.promptText,
    },
    fingerprint: { segment: segmentVersion, mask: maskVersion, kinds, terms, checks, detectors: detectorVersions },
  }
}

/** Reasons that need the spans back in their places; without them it is pointless to look for sentinels. */
const later = detectors.map(({ reason }) => reason).filter((reason) => !hopelessReasons.has(reason))

/** Lines break where a translator likes, unless they are all that holds a text together. */
const structure: ReasonPolicy = { first: 'split', last: 'flag' }

const overruled = (policy: Policy | 'off' | undefined, reason: string, kind: TextKind): ReasonPolicy | undefined => {
  const own = reason === 'structure' ? structure : policyOf(reason, kind)
  switch (policy) {
    case undefined:
      return own
    case 'off':
      return undefined
    case 'flag':
      return { first: 'flag', last: 'flag' }
    case 'fail':
      return { first: 'fail', last: 'fail' }
    default:
      return { ...own, first: policy }
  }
}

/** The rules of translators whose answers are taken as they are, but for empty and endless ones. */
export const plainRules = (attempts: number): SegmentRules => ({
  findSpans: () => [],
  fits: () => true,
  hopeless: ({ source, target, finishReason }) => {
    const reason = refusal(source, target, finishReason)
    return reason === undefined ? undefined : { reason }
  },
  findings: () => [],
  policyOf: (reason, kind) => (reason === 'structure' ? undefined : policyOf(reason, kind)),
  attempts,
  promptText: '',
})
