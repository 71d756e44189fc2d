/** What a number must have that a double may not hold: sixteen digits, or an exponent of three. */
const suspicious = /\d{16}|[eE]\+?\d{3}/
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const colon = /\s*:/y
const quote = 0x22
const minus = 0x2d
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** As JSON.parse, but an integer that a double cannot hold is its digits as a text, and so is a number that would be infinite. */
export const parseExact = (text: string): unknown => JSON.parse(suspicious.test(text) ? withTexts(text) : text)

/** JSON with such numbers in quotation marks. */
const withTexts = (text: string): string => {
  let out = ''
  let kept = 0
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === quote) at = stringEnd(text, at)
    else if (code === minus || isDigit(code)) {
      number.lastIndex = at
      const [token = text[at]!] = number.exec(text) ?? []
      // One that stands for a name is no JSON, and stays so.
      if (!isHeld(token) && !isName(text, at + token.length)) {
        out += `${text.slice(kept, at)}"${token}"`
        kept = at + token.length
      }
      at += token.length
    } else at++
  }
  return out + text.slice(kept)
}

const isName = (text: string, end: number): boolean => {
  colon.lastIndex = end
  return colon.test(text)
}

const isHeld = (token: string): boolean => {
  const value = Number(token)
  return /^-?\d+$/.test(token) ? Number.isSafeInteger(value) : value !== Infinity && value !== -Infinity
}

const stringEnd = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text[end - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return end + 1
  }
  return text.length
}
