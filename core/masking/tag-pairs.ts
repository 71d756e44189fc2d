import type { MaskKind } from './kinds.ts'

/** Where a span stands among the pairs of tags; numbers count spans from 1, and 0 is none. */
export interface PairPlace {
  closes?: number
  inside: number
}

/** For each span the pair of tags around it, and for a closing tag the opening one; tags without a partner are no pair. */
export function enclosingPairs(spans: readonly { kind: MaskKind; source: string }[]): PairPlace[] {
  const opens = partners(spans)
  const closers = new Set(opens.values())
  const enclosing: number[] = []
  return spans.map((_, index) => {
    const opener = opens.get(index + 1)
    if (opener !== undefined) {
      enclosing.pop()
      return { closes: opener, inside: opener }
    }
    const place = { inside: enclosing.at(-1) ?? 0 }
    if (closers.has(index + 1)) enclosing.push(index + 1)
    return place
  })
}

/** The opening tag of every closing one that has one, by their numbers; an opening tag left inside another pair has none. */
function partners(spans: readonly { kind: MaskKind; source: string }[]): Map<number, number> {
  const found = new Map<number, number>()
  const open: { name: string; number: number }[] = []
  const waiting = new Map<string, number>()
  for (const [index, { kind, source }] of spans.entries()) {
    const [, slash, name] = (kind === 'tag' && /^<(\/?)([A-Za-z_][\w:.-]*)/.exec(source)) || []
    if (name === undefined || source.endsWith('/>')) continue
    if (slash === '') {
      // A whole element is one span, masked with its end.
      if (source.endsWith(`</${name}>`)) continue
      open.push({ name, number: index + 1 })
      waiting.set(name, (waiting.get(name) ?? 0) + 1)
    } else if ((waiting.get(name) ?? 0) > 0) {
      for (let top = open.pop()!; ; top = open.pop()!) {
        waiting.set(top.name, waiting.get(top.name)! - 1)
        if (top.name !== name) continue
        found.set(index + 1, top.number)
        break
      }
    }
  }
  return found
}
