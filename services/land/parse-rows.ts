/** Rows of a text with one in JSON on each line; an integer whose digits a number cannot hold is a text. */
export const parseRows = <Row>(text: string): Row[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(sixteenDigits.test(line) ? quoteBigIntegers(line) : line) as Row)

/** With fewer digits a number is always exact. */
const sixteenDigits = /\d{16}/
const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g

const quoteBigIntegers = (line: string): string =>
  line.replace(textOrNumber, (token) =>
    /^-?\d{16,}$/.test(token) && String(Number(token)) !== token ? `"${token}"` : token,
  )
