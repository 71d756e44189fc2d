/** How long the stretch at the beginning or end of an answer is that patterns look at. */
export const edge = 160

let known = { text: '', edges: { first: '', last: '' } }

/** The first or last characters of a text, in lower case, without marks of emphasis around; several detectors ask for the same one. */
export function edgesOf(text: string): { first: string; last: string } {
  if (known.text !== text) {
    const first = plain(text.slice(0, edge))
    known = { text, edges: { first, last: text.length <= edge ? first : plain(text.slice(-edge)) } }
  }
  return known.edges
}

function plain(text: string): string {
  return straight(text.toLowerCase().replace(/[*_#>"`«»“”\u064b-\u0652]/g, '')).trim()
}

/** A text with straight apostrophes, as patterns have them. */
export function straight(text: string): string {
  return text.replace(/[’‘]/g, "'")
}
