import { unitReader } from '../unit-reader.ts'
import type { Detector } from './detector.ts'

const unitsOf = unitReader()

/** More UTF-8 bytes than three times the source's and 64 KiB: no record may grow without bound. */
export const runaway: Detector = {
  reason: 'runaway',
  version: 1,
  find: ({ source, target }) =>
    isRunaway(source, target) ? { reason: 'runaway', value: utf8Bytes(target) } : undefined,
}

/** Whether a target is that long. Bytes are hardly ever counted: a unit has at least one and at most three. */
export function isRunaway(source: string, target: string): boolean {
  if (3 * target.length <= 3 * source.length + 64 * 1024) return false
  return utf8Bytes(target) > 3 * utf8Bytes(source) + 64 * 1024
}

function utf8Bytes(text: string): number {
  let bytes = 0
  const units = unitsOf(text)
  const { length } = text
  for (let at = 0; at < length; at++) {
    const unit = units[at]!
    if (unit < 0x80) bytes++
    else if (unit < 0x800) bytes += 2
    else if (unit >= 0xd800 && unit < 0xdc00 && at + 1 < length && (units[at + 1]! & 0xfc00) === 0xdc00) {
      bytes += 4
      at++
    } else bytes += 3
  }
  return bytes
}
