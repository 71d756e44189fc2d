import type { MaskKind } from './kinds.ts'
import { type Marks, sentinelForms } from './sentinel-forms.ts'
import type { Span } from './span.ts'
import { enclosingPairs } from './tag-pairs.ts'

/** Raised when other spans are found, or are masked or verified in another way; part of a translator's fingerprint. */
export const maskVersion = 2

/** What stands for one span in a masked text. */
export interface Sentinel {
  /** As it is written in the masked text. */
  token: string
  /** The span, byte for byte. */
  source: string
  kind: MaskKind
  /** The sentinel of the opening tag that closes here; sentinels are numbered from 1. */
  closes?: number
  /** The opening tag that encloses this span most closely, or 0; for a closing tag that is its own. */
  inside: number
  /** Whether it is the target of a Markdown link, and so has `](` in front. */
  isTarget: boolean
}

/** A text whose spans are replaced by sentinels, and what is needed to put them back. */
export interface Masked {
  text: string
  /** Sentinel number n is at n - 1. */
  sentinels: Sentinel[]
  /** Index in `sentinelForms`. */
  form: number
  marks: Marks
}

/**
 * Replaces the spans of a text, which are in order and do not overlap, by sentinels numbered from 1 that the text itself
 * does not have, not even in a spelling that would be taken for one. Throws a RangeError for an unknown form.
 */
export function mask(text: string, spans: readonly Span[], form: number): Masked {
  const chooseMarks = sentinelForms[form]
  if (chooseMarks === undefined) throw new RangeError(`masking a text: there is no sentinel form ${form}`)
  const between: string[] = []
  let at = 0
  for (const { start, end } of spans) {
    between.push(text.slice(at, start))
    at = end
  }
  between.push(text.slice(at))
  const marks = chooseMarks(between.join('\n'))
  const places = enclosingPairs(spans.map((span) => ({ kind: span.kind, source: text.slice(span.start, span.end) })))
  const sentinels = spans.map(
    ({ start, end, kind }, index): Sentinel => ({
      token: `${marks.open}${index + 1}${marks.close}`,
      source: text.slice(start, end),
      kind,
      ...places[index]!,
      isTarget: kind === 'url' && between[index]!.endsWith(']('),
    }),
  )
  const masked = between.map((words, index) => words + (sentinels[index]?.token ?? '')).join('')
  return { text: masked, sentinels, form, marks: { open: marks.open, close: marks.close } }
}
