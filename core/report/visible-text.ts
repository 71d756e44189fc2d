const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** A text whose control characters show as ⟨U+001B⟩, so that it cannot steer a terminal; line feeds and tabs stay. */
export function visibleControls(text: string): string {
  return text.toWellFormed().replaceAll('\r\n', '\n').replace(controls, named)
}

/** A text on one line that changes nothing around it: white space is one space, direction marks show too. */
export function visibleLine(text: string): string {
  return visibleControls(text.replace(/\s*[\n\r\t]\s*/g, ' '))
    .replace(directions, named)
    .trim()
}

function named(character: string): string {
  return `⟨U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`
}
