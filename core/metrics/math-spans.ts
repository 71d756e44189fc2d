import { type Finder, forwardFinder } from '../conversation/forward-finder.ts'

/** Where the dollars of a text are looked for; a function made for each text would be compiled over and over again. */
export interface DollarScan {
  text: string
  blankLine: Place
  dollar: Place
  doubleDollar: Finder
  newline: Finder
}

/** Where the brackets of mathematics are looked for. */
export interface BracketScan {
  text: string
  blankLine: Place
  round: readonly [Finder, Finder]
  square: readonly [Finder, Finder]
}

/** The last place found of something that is looked for again only when it has been passed. */
interface Place {
  at: number
}

/** What it takes to read a text's mathematics between dollars. */
export function dollarScan(text: string): DollarScan {
  return {
    text,
    blankLine: { at: -1 },
    dollar: { at: -1 },
    doubleDollar: forwardFinder(text, '$$'),
    newline: forwardFinder(text, '\n'),
  }
}

/** What it takes to read a text's mathematics between brackets. */
export function bracketScan(text: string): BracketScan {
  return {
    text,
    blankLine: { at: -1 },
    round: [forwardFinder(text, '\\('), forwardFinder(text, '\\)')],
    square: [forwardFinder(text, '\\['), forwardFinder(text, '\\]')],
  }
}

/**
 * The end of the `$$…$$`, which has no blank line inside, or of the `$…$`, which stays on its line, that opens at `start`,
 * or -1; places must not go back. The next dollar closes `$…$`, and must not stand behind a space or in front of a digit,
 * so that `$5 and $10` are prices.
 */
export function dollarEnd(scan: DollarScan, start: number): number {
  const { text } = scan
  if (text[start + 1] === '$') {
    const close = scan.doubleDollar(start + 2)
    return close < blankLineFrom(text, scan.blankLine, start + 2) ? close + 2 : -1
  }
  if (isSpace(text[start + 1])) return -1
  const close = dollarFrom(text, scan.dollar, start + 2)
  if (isSpace(text[close - 1]) || isDigit(text[close + 1])) return -1
  return close < scan.newline(start + 1) ? close + 1 : -1
}

/**
 * The end of the `\(…\)`, which has no blank line inside, or `\[…\]` that opens at `start`, or -1; places must not go
 * back. Neither is mathematics when it opens again before.
 */
export function bracketEnd(scan: BracketScan, start: number): number {
  const { text } = scan
  const isRound = text[start + 1] === '('
  const [open, close] = isRound ? scan.round : scan.square
  const end = close(start + 2)
  if (end === Number.POSITIVE_INFINITY || open(start + 2) < end) return -1
  return isRound && blankLineFrom(text, scan.blankLine, start + 2) < end ? -1 : end + 2
}

/** The next dollar that is not escaped. */
function dollarFrom(text: string, place: Place, from: number): number {
  if (place.at >= from) return place.at
  let at = text.indexOf('$', from)
  while (at !== -1 && text[at - 1] === '\\') at = text.indexOf('$', at + 1)
  place.at = at === -1 ? Number.POSITIVE_INFINITY : at
  return place.at
}

/** The first newline of the next blank line, which may hold spaces. */
function blankLineFrom(text: string, place: Place, from: number): number {
  if (place.at >= from) return place.at
  place.at = Number.POSITIVE_INFINITY
  let at = text.indexOf('\n', from)
  while (at !== -1) {
    let next = at + 1
    while (text[next] === ' ' || text[next] === '\t' || text[next] === '\r') next++
    if (text[next] === '\n') {
      place.at = at
      break
    }
    at = text.indexOf('\n', next)
  }
  return place.at
}

function isSpace(char: string | undefined): boolean {
  return char === undefined || char === ' ' || char === '\n' || char === '\t' || char === '\r' || char === '\u00a0'
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9'
}
