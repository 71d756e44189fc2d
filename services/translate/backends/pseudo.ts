import { noUsage, type Translator } from '../translator.ts'

const latin = 'abcdefghijklmnopqrstuvwxyz'
const arabic = 'ابتثجحخدذرزسشصضطظعغفقكلمنه'
const table = new Uint16Array(128)
for (let code = 0; code < 128; code++) {
  const at = latin.indexOf(String.fromCharCode(code).toLowerCase())
  table[code] = at < 0 ? code : arabic.charCodeAt(at)
}

/** Latin letters as Arabic ones, everything else as it was: no translation, but of its shape and length. Linear. */
export const pseudoText = (text: string): string => {
  const units = new Uint16Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    units[i] = code < 128 ? table[code]! : code
  }
  return Buffer.from(units.buffer).toString('utf16le')
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
