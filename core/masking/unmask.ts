import type { Masked, Sentinel } from './mask.ts'
import { numberOf, recogniser } from './sentinel-forms.ts'

/** Why an answer cannot be restored: how many sentinels are wrong in which way. */
export interface PlaceholderProblem {
  problem: 'placeholders'
  /** Sentinels that do not occur. */
  lost: number
  /** Occurrences beyond the first. */
  doubled: number
  /** Numbers that were never given out, and traces of damaged sentinels. */
  unknown: number
  /** Sentinels that left their pair of tags, or the target of a link outside of its brackets. */
  misplaced: number
}

/**
 * Puts the spans back into an answer. Each sentinel has to occur exactly once; localised digits, other brackets of the
 * same look, spaces and invisible characters inside are accepted. The order is free, but what stood between two tags has
 * to stay directly between them, tags have to nest as before, and a link's target stays behind `](`. What is returned
 * has every span byte for byte and no trace of a sentinel.
 */
export function unmask(answer: string, masked: Masked): { text: string } | PlaceholderProblem {
  const { sentinels } = masked
  if (sentinels.length === 0) return { text: answer }
  const { token, trace } = recogniser(masked.marks)
  const counts = new Uint32Array(sentinels.length + 1)
  const order: number[] = []
  let unknown = 0
  let misplaced = 0
  let text = ''
  let rest = ''
  let at = 0
  for (const match of answer.matchAll(token)) {
    const number = numberOf(match[1]!)
    const sentinel = sentinels[number - 1]
    const words = answer.slice(at, match.index)
    at = match.index + match[0].length
    text += words + (sentinel?.source ?? '')
    rest += `${words}\n`
    if (sentinel === undefined) unknown++
    else {
      counts[number]!++
      order.push(number)
      if (sentinel.isTarget && !words.endsWith('](')) misplaced++
    }
  }
  text += answer.slice(at)
  rest += answer.slice(at)
  unknown += tracesBeyond(wordsOf(masked), rest, trace)
  let lost = 0
  let doubled = 0
  for (let number = 1; number <= sentinels.length; number++) {
    if (counts[number] === 0) lost++
    else doubled += counts[number]! - 1
  }
  if (lost + doubled + unknown === 0) misplaced += outsideTheirPairs(order, sentinels)
  return lost + doubled + unknown + misplaced === 0
    ? { text }
    : { problem: 'placeholders', lost, doubled, unknown, misplaced }
}

/** How many of the sentinels, in this order, are not directly inside the pair of tags that they were in. */
function outsideTheirPairs(order: readonly number[], sentinels: readonly Sentinel[]): number {
  const pairs = new Set(sentinels.flatMap(({ closes }) => closes ?? []))
  const enclosing: number[] = []
  let outside = 0
  for (const number of order) {
    const { closes, inside } = sentinels[number - 1]!
    if ((enclosing.at(-1) ?? 0) !== inside) outside++
    else if (closes !== undefined) enclosing.pop()
    if (pairs.has(number)) enclosing.push(number)
  }
  return outside
}

/** The words of a masked text, a line break for each sentinel. */
function wordsOf({ text, sentinels }: Masked): string {
  let words = ''
  let at = 0
  for (const { token } of sentinels) {
    const start = text.indexOf(token, at)
    words += `${text.slice(at, start)}\n`
    at = start + token.length
  }
  return words + text.slice(at)
}

/** How many traces the words of an answer have that those of its source had not. */
function tracesBeyond(source: string, answer: string, trace: RegExp): number {
  const traces = answer.match(trace)
  if (traces === null) return 0
  const known = new Map<string, number>()
  for (const one of source.match(trace) ?? []) known.set(one, (known.get(one) ?? 0) + 1)
  let beyond = 0
  for (const one of traces) {
    const left = known.get(one) ?? 0
    if (left === 0) beyond++
    else known.set(one, left - 1)
  }
  return beyond
}
