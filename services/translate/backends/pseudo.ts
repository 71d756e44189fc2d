import { unitReader } from '../../../core/unit-reader.ts'
import { noUsage, type Translator } from '../translator.ts'

const latin = 'abcdefghijklmnopqrstuvwxyz'
const arabic = 'ابتثجحخدذرزسشصضطظعغفقكلمنه'
const table = new Uint16Array(128)
for (let code = 0; code < 128; code++) {
  const at = latin.indexOf(String.fromCharCode(code).toLowerCase())
  table[code] = at < 0 ? code : arabic.charCodeAt(at)
}

const unitsOf = unitReader()

/** Latin letters as Arabic ones, everything else as it was: no translation, but of its shape and length. Linear. */
export const pseudoText = (text: string): string => {
  const units = unitsOf(text)
  const { length } = text
  for (let i = 0; i < length; i++) {
    const code = units[i]!
    if (code < 128) units[i] = table[code]!
  }
  return Buffer.from(units.buffer, 0, 2 * length).toString('utf16le')
}

/** A translator for tests and load; its output is marked `pseudo` wherever it shows. */
export const pseudo = (): Translator => {
  const translateNow: Translator['translateNow'] = ({ text }) => ({ text: pseudoText(text), usage: noUsage })
  return {
    backend: 'pseudo',
    fingerprint: 'pseudo@1',
    slots: 64,
    paid: false,
    render: ({ text }) => text,
    translateNow,
    translate: async (request) => translateNow(request),
  }
}
