import stringWidth from 'string-width'

/** A text broken at spaces so that no line is wider than `width`, lines after the first indented; long words stay whole. */
export const paragraph = (text: string, width: number, indent: number): string => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    const room = width - (lines.length === 0 ? 0 : indent)
    if (line !== '' && stringWidth(longer) > room) {
      lines.push(line)
      line = word
    } else line = longer
  }
  lines.push(line)
  return lines.join(`\n${' '.repeat(indent)}`)
}
