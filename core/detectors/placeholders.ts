import type { Detector, Finding } from './detector.ts'
import { type Reading, readingsOf } from './reading.ts'

/** Marks that stand for masked text. */
const sentinel = /⟦\d{1,6}⟧/g
/** `%s`, `%1$d`, `{name}`, `{{name}}`, `{0}`, `${name}`; `%` alone is a per cent sign. */
const variable = /%(?:\d\$)?[sdif](?![\w%])|\$?\{\{?[A-Za-z_][\w.]{0,40}\}?\}|\{\d{1,2}\}/g

/** A sentinel such as ⟦1⟧ is lost, new, or there another number of times: what it stands for cannot be put back. */
export const sentinels: Detector = {
  reason: 'sentinels',
  version: 1,
  find: ({ source, target }) => differing('sentinels', source.match(sentinel) ?? [], target.match(sentinel) ?? []),
}

/** A placeholder such as %s or {name} is lost, new, or there another number of times. */
export const placeholders: Detector = {
  reason: 'placeholders',
  version: 1,
  find: (pair) => {
    const { source, target } = readingsOf(pair)
    return differing(
      'placeholders',
      matchesOutside(variable, pair.source, source),
      matchesOutside(variable, pair.target, target),
    )
  },
}

/** What a pattern matches outside of code, links and mathematics, where braces and signs mean other things. */
function matchesOutside(pattern: RegExp, text: string, { spans }: Reading): string[] {
  const found: string[] = []
  let span = 0
  for (const { 0: match, index } of text.matchAll(pattern)) {
    while (span < spans.length && spans[span]!.end <= index) span++
    if (span === spans.length || spans[span]!.start > index) found.push(match)
  }
  return found
}

function differing(reason: string, wanted: readonly string[], found: readonly string[]): Finding | undefined {
  if (wanted.length === 0 && found.length === 0) return undefined
  const left = new Map<string, number>()
  for (const one of wanted) left.set(one, (left.get(one) ?? 0) + 1)
  for (const one of found) left.set(one, (left.get(one) ?? 0) - 1)
  const value = [...left.values()].reduce((sum, count) => sum + Math.abs(count), 0)
  return value === 0 ? undefined : { reason, value }
}
