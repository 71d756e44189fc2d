import { mask } from '../../core/masking/mask.ts'
import { pieces } from '../../core/masking/pieces.ts'
import { halves } from '../translate/halves.ts'
import type { SegmentRules } from '../translate/translate-segment.ts'

/** As often as a text is cut in two before it is asked for. */
const deepest = 4

/**
 * The texts that are asked for first when a segment is translated: with its spans masked, in halves where that does not
 * fit, none when nothing but spans stands in it.
 */
export const firstTexts = (segment: string, rules: SegmentRules, depth = 0): string[] => {
  const spans = rules.findSpans(segment)
  if (spans.length > 0 && !pieces(segment, spans).some(({ isKept }) => !isKept)) return []
  const masked = mask(segment, spans, 0).text
  if (spans.length === 0 || masked.length <= segment.length || rules.fits(masked)) return [masked]
  const parts = depth < deepest ? halves(segment, spans, rules.findSpans).filter(({ isKept }) => !isKept) : []
  return parts.length < 2 ? [] : parts.flatMap(({ text }) => firstTexts(text, rules, depth + 1))
}
