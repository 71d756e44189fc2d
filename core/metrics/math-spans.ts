import { type Finder, forwardFinder } from '../conversation/forward-finder.ts'

/** Gives the end of the mathematics that is opened at a place, or -1; places must not go back. */
export type MathEnd = (start: number) => number

/**
 * Ends of `$$…$$`, which has no blank line inside, and of `$…$`, which stays on its line: the next dollar closes it, and
 * must not stand behind a space or in front of a digit, so that `$5 and $10` are prices.
 */
export function dollarMath(text: string): MathEnd {
  const blankLine = blankLineFinder(text)
  const doubleDollar = forwardFinder(text, '$$')
  const newline = forwardFinder(text, '\n')
  const nextDollar = dollarFinder(text)
  return (start) => {
    if (text[start + 1] === '$') {
      const close = doubleDollar(start + 2)
      return close < blankLine(start + 2) ? close + 2 : -1
    }
    if (isSpace(text[start + 1])) return -1
    const close = nextDollar(start + 2)
    if (isSpace(text[close - 1]) || isDigit(text[close + 1])) return -1
    return close < newline(start + 1) ? close + 1 : -1
  }
}

/** Ends of `\(…\)`, which has no blank line inside, and of `\[…\]`; neither is mathematics when it opens again before. */
export function bracketMath(text: string): MathEnd {
  const blankLine = blankLineFinder(text)
  const round = [forwardFinder(text, '\\('), forwardFinder(text, '\\)')] as const
  const square = [forwardFinder(text, '\\['), forwardFinder(text, '\\]')] as const
  return (start) => {
    const isRound = text[start + 1] === '('
    const [open, close] = isRound ? round : square
    const end = close(start + 2)
    if (end === Number.POSITIVE_INFINITY || open(start + 2) < end) return -1
    return isRound && blankLine(start + 2) < end ? -1 : end + 2
  }
}

/** Dollars that are not escaped. */
function dollarFinder(text: string): Finder {
  return cachedFinder((from) => {
    let at = text.indexOf('$', from)
    while (at !== -1 && text[at - 1] === '\\') at = text.indexOf('$', at + 1)
    return at
  })
}

/** The first newline of a blank line, which may hold spaces. */
function blankLineFinder(text: string): Finder {
  return cachedFinder((from) => {
    let at = text.indexOf('\n', from)
    while (at !== -1) {
      let next = at + 1
      while (text[next] === ' ' || text[next] === '\t' || text[next] === '\r') next++
      if (text[next] === '\n') return at
      at = text.indexOf('\n', next)
    }
    return -1
  })
}

/** Looks only when the last place found has been passed. */
function cachedFinder(find: (from: number) => number): Finder {
  let found = -1
  return (from) => {
    if (found < from) {
      const at = find(from)
      found = at === -1 ? Number.POSITIVE_INFINITY : at
    }
    return found
  }
}

function isSpace(char: string | undefined): boolean {
  return char === undefined || char === ' ' || char === '\n' || char === '\t' || char === '\r' || char === '\u00a0'
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9'
}
