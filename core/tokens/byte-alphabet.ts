/**
 * The 256 characters by which byte-level tokenizers write bytes: printable Latin-1 characters stand for themselves, the
 * other bytes, in order, for the characters from U+0100 on.
 */
export const byteAlphabet: readonly string[] = makeAlphabet()

function makeAlphabet(): string[] {
  let moved = 0x100
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : moved++))
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
}
