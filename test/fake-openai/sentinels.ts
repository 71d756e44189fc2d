/** Places in a segment for what must not be translated: `⟦1⟧`, and as a word `XZ1Q`. */
export const sentinel = /⟦[^⟦⟧\n]{1,20}⟧|XZ\d+Q/g

/** Whether a text has sentinels. */
export const hasSentinels = (text: string): boolean => text.search(sentinel) >= 0

/** A text with its sentinels as they were and all between them translated. */
export const aroundSentinels = (text: string, translate: (piece: string) => string): string => {
  let made = ''
  let end = 0
  for (const { 0: found, index } of text.matchAll(sentinel)) {
    made += translate(text.slice(end, index)) + found
    end = index + found.length
  }
  return end === 0 ? translate(text) : made + translate(text.slice(end))
}

/** How a model breaks sentinels. */
export type SentinelFault = 'sentinel_dropped' | 'sentinel_doubled' | 'sentinels_localised'

/** A text with a sentinel left out, one twice, or all with Arabic digits. */
export const breakSentinels = (text: string, fault: SentinelFault): string => {
  if (fault === 'sentinels_localised')
    return text.replace(sentinel, (found) =>
      found.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit))),
    )
  let isFirst = true
  return text.replace(sentinel, (found) => {
    if (!isFirst) return found
    isFirst = false
    return fault === 'sentinel_dropped' ? '' : `${found} ${found}`
  })
}
