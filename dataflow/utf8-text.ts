import { isAscii, isUtf8, transcode } from 'node:buffer'
import { unitAt } from '../core/unit-at.ts'

/** Node's own methods of a buffer: `toString` takes as long to find them as a short text takes. */
export type Slices = Buffer & {
  utf8Slice(start: number, end: number): string
  latin1Slice(start: number, end: number): string
}

/** Below it, the calls cost more than they save. */
const shortBytes = 128

/**
 * Text of UTF-8 bytes, as Buffer's own decoding gives it, replacement characters included. That takes 5 ns for each byte
 * of text that is not ASCII alone; by way of UTF-16 it takes 1.
 */
export const utf8Text = (buffer: Buffer, start: number, end: number): string => {
  const bytes = buffer as Slices
  if (end - start < shortBytes) return bytes.utf8Slice(start, end)
  const text = bytes.subarray(start, end)
  if (isAscii(text)) return bytes.latin1Slice(start, end)
  return isUtf8(text) ? transcode(text, 'utf8', 'ucs2').toString('ucs2') : bytes.utf8Slice(start, end)
}

const knownSlots = 1024
const longestKnown = 24
const known: string[] = new Array(knownSlots).fill('')

/**
 * The same for short texts of which most come again and again, such as the names of metrics and roles: the last one of
 * each slot is remembered, and comparing it takes less than decoding does. A text of other letters than ASCII
 * has fewer units than bytes, so it is never taken for another.
 */
export const repeatedText = (bytes: Buffer, start: number, end: number): string => {
  const length = end - start
  if (length === 0) return ''
  if (length > longestKnown) return utf8Text(bytes, start, end)
  const slot =
    (31 * length + 7 * bytes[start]! + 17 * bytes[start + (length >> 1)]! + 131 * bytes[end - 1]!) & (knownSlots - 1)
  const last = known[slot]!
  if (last.length === length && isText(last, bytes, start)) return last
  const text = (bytes as Slices).utf8Slice(start, end)
  if (text.length === length) known[slot] = text
  return text
}

const isText = (text: string, bytes: Buffer, start: number): boolean => {
  for (let i = 0; i < text.length; i++) if (unitAt(text, i) !== bytes[start + i]) return false
  return true
}
