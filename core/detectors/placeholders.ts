import type { Detector, Finding, Pair } from './detector.ts'

/** Marks that stand for masked text. */
const sentinel = /⟦\d{1,6}⟧/g
/** `%s`, `%1$d`, `{name}`, `{{name}}`, `{0}`, `${name}`; `%` alone is a per cent sign. */
const variable = /%(?:\d\$)?[sdif](?![\w%])|\$?\{\{?[A-Za-z_][\w.]{0,40}\}?\}|\{\d{1,2}\}/g

/** A sentinel such as ⟦1⟧ is lost, new, or there another number of times: what it stands for cannot be put back. */
export const sentinels: Detector = {
  reason: 'sentinels',
  version: 1,
  find: (pair) => differing('sentinels', sentinel, pair),
}

/** A placeholder such as %s or {name} is lost, new, or there another number of times. */
export const placeholders: Detector = {
  reason: 'placeholders',
  version: 1,
  // LaTeX is full of braces around single names.
  find: (pair) => (/\\[a-z]+\{/.test(pair.source) ? undefined : differing('placeholders', variable, pair)),
}

function differing(reason: string, pattern: RegExp, { source, target }: Pair): Finding | undefined {
  const wanted = source.match(pattern) ?? []
  const found = target.match(pattern) ?? []
  if (wanted.length === 0 && found.length === 0) return undefined
  const left = new Map<string, number>()
  for (const one of wanted) left.set(one, (left.get(one) ?? 0) + 1)
  for (const one of found) left.set(one, (left.get(one) ?? 0) - 1)
  const value = [...left.values()].reduce((sum, count) => sum + Math.abs(count), 0)
  return value === 0 ? undefined : { reason, value }
}
