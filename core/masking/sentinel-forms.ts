/** What stands before and behind a sentinel's number. */
export interface Marks {
  open: string
  close: string
}

/** How sentinels of an answer are told from its words. */
export interface Recogniser {
  /** A sentinel in any spelling that is accepted; its first group is the number. Global. */
  token: RegExp
  /** What a damaged sentinel may leave behind; more of it in an answer than among the words of its source is one. Global. */
  trace: RegExp
}

/** Brackets that no text of the data has, and what translators make of them. */
const brackets: readonly (Marks & { likes: string })[] = [
  { open: '⟦', close: '⟧', likes: '⟦⟧〚〛' },
  { open: '⟪', close: '⟫', likes: '⟪⟫《》' },
  { open: '⦃', close: '⦄', likes: '⦃⦄⦕⦖' },
  { open: '⟬', close: '⟭', likes: '⟬⟭〘〙' },
]

/** White space, bidi controls, joiners and tatweel: at most a few of them may stand between the parts of a sentinel. */
const gap = '[\\s\\u00ad\\u0640\\u061c\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff]{0,4}'
const digits = '([0-9\\u0660-\\u0669\\u06f0-\\u06f9\\uff10-\\uff19]{1,7})'
const consonants = 'XZQJVKWBGPFHDCMNLRST'

/**
 * The forms of sentinels in the order in which they are tried. Each gives marks that no sentinel-like stretch of the
 * text has, always the same for the same text: `⟦1⟧`, one sign for a model that copies what it does not know; then
 * `XZ1Q`, letters that look like a product's name.
 */
export const sentinelForms: readonly ((text: string) => Marks)[] = [
  (text) => brackets.find(({ likes }) => !new RegExp(`[${likes}]`).test(text)) ?? letterMarks(text),
  letterMarks,
]

/** The recogniser of sentinels with these marks. */
export function recogniser({ open, close }: Marks): Recogniser {
  const bracket = brackets.find((one) => one.open === open)
  if (bracket !== undefined) {
    const side = `[${bracket.likes}]`
    return { token: new RegExp(`${side}${gap}${digits}${gap}${side}`, 'g'), trace: new RegExp(side, 'g') }
  }
  const number = `${gap}${digits}`
  const alone = `(?<![A-Za-z])[${open}${close}]+(?![A-Za-z])`
  return {
    token: new RegExp(`${open}${number}${gap}${close}`, 'gi'),
    trace: new RegExp(`${open}|${alone}|${open.at(-1)}${number}|${number}${gap}${close}`, 'gi'),
  }
}

/** `XZ` and `Q`, or more letters when the text has `XZ` itself; letters of three or more that no word of it has. */
function letterMarks(text: string): Marks {
  if (!/xz/i.test(text)) return { open: 'XZ', close: 'Q' }
  const upper = text.toUpperCase()
  for (let length = 3; ; length++) {
    const taken = new Set<string>()
    for (let at = 0; at + length <= upper.length; at++) taken.add(upper.slice(at, at + length))
    const free = freeWord(length, taken)
    if (free !== undefined) return { open: free, close: 'Q' }
  }
}

/** The first word of consonants that is not taken; a text has no more words of a length than characters. */
function freeWord(length: number, taken: ReadonlySet<string>): string | undefined {
  const count = consonants.length ** length
  for (let index = 0; index < count; index++) {
    let word = ''
    for (let rest = index, i = 0; i < length; i++, rest = Math.floor(rest / consonants.length)) {
      word += consonants[rest % consonants.length]
    }
    if (!taken.has(word)) return word
  }
  return undefined
}

/** The digit 0 of the accepted scripts, the last one in Unicode first. */
const zeros = [0xff10, 0x06f0, 0x0660, 0x30]

/** The number that digits of any of the accepted scripts write. */
export function numberOf(written: string): number {
  let value = 0
  for (let i = 0; i < written.length; i++) {
    const unit = written.charCodeAt(i)
    const zero = zeros.find((first) => unit >= first)!
    value = value * 10 + unit - zero
  }
  return value
}
