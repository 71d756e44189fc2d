import type { Detector } from './detector.ts'

/** Pairs that belong together, and what tells that a text has any. */
const token = /\\begin\{|\\end\{|\\left(?![a-z])|\\right(?![a-z])|\\\\|\\[{}()[\]$]|[{}]|\$\$?/g

/** Braces, brackets of mathematics, `\begin`, `\left` or dollars that do not match in the target, though they do in the source. */
export const unbalancedBraces: Detector = {
  reason: 'unbalanced_braces',
  version: 1,
  find: ({ source, target }) => {
    if (!/[{}$\\]/.test(target)) return undefined
    const found = openPairs(target)
    if (found.size === 0) return undefined
    const own = openPairs(source)
    for (const [name, value] of found) if (!own.has(name)) return { reason: 'unbalanced_braces', value }
    return undefined
  },
}

/** Kinds of pairs that are not balanced in a text, with what they have too much. */
function openPairs(text: string): Map<string, number> {
  const depth = new Map<string, number>()
  const wrong = new Map<string, number>()
  for (const [mark] of text.matchAll(token)) {
    if (mark === '\\\\' || mark === '\\$' || mark === '\\{' || mark === '\\}') continue
    const [name, step] = steps[mark]!
    const now = step === 0 ? 1 - (depth.get(name) ?? 0) : (depth.get(name) ?? 0) + step
    depth.set(name, now)
    if (now < 0) wrong.set(name, now)
    // The braces of \begin{…} and \end{…} are braces too.
    if (mark.endsWith('{') && mark !== '{') depth.set('brace', (depth.get('brace') ?? 0) + 1)
  }
  for (const [name, left] of depth) if (left !== 0) wrong.set(name, left)
  return wrong
}

const steps: Record<string, readonly [name: string, step: number]> = {
  '{': ['brace', 1],
  '}': ['brace', -1],
  '\\(': ['round', 1],
  '\\)': ['round', -1],
  '\\[': ['square', 1],
  '\\]': ['square', -1],
  '\\begin{': ['environment', 1],
  '\\end{': ['environment', -1],
  '\\left': ['left', 1],
  '\\right': ['left', -1],
  $: ['dollar', 0],
  $$: ['double_dollar', 0],
}
