/** Rows of a JSONEachRow text; integers that a number cannot hold are texts with all their digits. */
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
    /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  )
