import type { Detector } from './detector.ts'
import { type Reading, readingsOf } from './reading.ts'

const tag = /<(\/?)([A-Za-z][\w:.-]{0,40})(?:[ \t\n][^<>]{0,400})?(\/?)>/g
const alone = new Set('br hr img input meta link col area base embed source track wbr'.split(' '))

/** Opening and closing tags of one name do not match in the target, though they do in the source. */
export const unbalancedTags: Detector = {
  reason: 'unbalanced_tags',
  version: 1,
  find: (pair) => {
    if (!pair.target.includes('<')) return undefined
    const { source, target } = readingsOf(pair)
    const found = balances(pair.target, target)
    if (found.size === 0) return undefined
    const own = balances(pair.source, source)
    for (const [name, { balance, start }] of found)
      if (balance !== 0 && (own.get(name)?.balance ?? 0) === 0)
        return { reason: 'unbalanced_tags', start, value: balance }
    return undefined
  },
}

/** Opening less closing tags by name, with the last place of each; those in code and mathematics are none. */
function balances(text: string, { spans }: Reading): Map<string, { balance: number; start: number }> {
  const names = new Map<string, { balance: number; start: number }>()
  let span = 0
  for (const { 1: closes, 2: name = '', 3: closed, index } of text.matchAll(tag)) {
    while (span < spans.length && spans[span]!.end <= index) span++
    if (span < spans.length && spans[span]!.start <= index) continue
    if (closed || alone.has(name.toLowerCase())) continue
    const balance = (names.get(name)?.balance ?? 0) + (closes ? -1 : 1)
    names.set(name, { balance, start: index })
  }
  return names
}
