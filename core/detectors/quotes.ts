const marks: Readonly<Record<string, string>> = { '"': '"', '“': '”', '«': '»', "'": "'" }
/** The shortest quotation in single marks, which are apostrophes too; the longest of all; and how many are looked up. */
const limits = { single: 8, chars: 400, looked: 64 }

/**
 * The stretches of a target that stand in quotation marks, on one line, and word by word in the source: what a question about
 * a language is about, which has to stay.
 */
export function keptQuotes(source: string, target: string): { start: number; end: number }[] {
  const kept: { start: number; end: number }[] = []
  const open = /["“«']/g
  for (let tries = 0, match = open.exec(target); match !== null && tries < limits.looked; match = open.exec(target)) {
    const [mark] = match
    const start = match.index
    const inner = innerOf(target.slice(start + 1, start + 2 + limits.chars), marks[mark]!)
    if (inner === undefined || (mark === "'" && inner.length < limits.single)) continue
    tries++
    if (/[A-Za-z]/.test(inner) && source.includes(inner)) {
      const end = start + inner.length + 2
      kept.push({ start, end })
      open.lastIndex = end
    }
  }
  return kept
}

/** What stands before a closing mark on the same line. */
function innerOf(text: string, close: string): string | undefined {
  const end = text.indexOf(close)
  if (end <= 0) return undefined
  const inner = text.slice(0, end)
  return inner.includes('\n') ? undefined : inner
}
