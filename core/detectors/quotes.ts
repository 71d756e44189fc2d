/** A stretch in quotation marks on one line, without them. */
const quoted = /"([^"\n]{1,400})"|“([^”\n]{1,400})”|«([^»\n]{1,400})»|'([^'\n]{8,400})'/g

/**
 * The stretches of a target that stand in quotation marks and word by word in the source: what a question about a language
 * is about, which has to stay. Linear: a stretch is at most 400 characters, and at most 64 of them are looked up.
 */
export function keptQuotes(source: string, target: string): { start: number; end: number }[] {
  const kept: { start: number; end: number }[] = []
  let tries = 0
  for (const match of target.matchAll(quoted)) {
    if (++tries > 64) break
    const inner = match[1] ?? match[2] ?? match[3] ?? match[4] ?? ''
    if (/[A-Za-z]/.test(inner) && source.includes(inner))
      kept.push({ start: match.index, end: match.index + match[0].length })
  }
  return kept
}
