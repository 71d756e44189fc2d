/** Gives a text's UTF-16 units; they are good until the next text is read. */
export type UnitReader = (text: string) => Uint16Array

/**
 * Copies texts into an array. A loop over one reads a unit in a fraction of the time that `charCodeAt` takes where texts of all kinds
 * that V8 knows (slices, joined ones, of one byte or two a unit) come by.
 */
export function unitReader(): UnitReader {
  let units = new Uint16Array(4096)
  let bytes = Buffer.from(units.buffer)
  return (text) => {
    if (text.length > units.length) {
      units = new Uint16Array(2 * text.length)
      bytes = Buffer.from(units.buffer)
    }
    bytes.write(text, 'utf16le')
    return units
  }
}
