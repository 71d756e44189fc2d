/** How long the stretch at the beginning or end of an answer is that patterns look at. */
export const edge = 160

/** The first or last characters of a text, in lower case, without marks of emphasis around. */
export function edgesOf(text: string): { first: string; last: string } {
  return { first: plain(text.slice(0, edge)), last: plain(text.slice(-edge)) }
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[*_#>"`«»“”\u064b-\u0652]/g, '')
    .replace(/[’‘]/g, "'")
    .trim()
}
