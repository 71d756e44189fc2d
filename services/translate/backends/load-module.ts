import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { KalamError, messageOf } from '../../../dataflow/error.ts'
import type { OwnTranslator } from './module.ts'

/**
 * What a user's module exports as `translator`; it is imported anew when its text is another than before. KalamError config_invalid, which
 * names `translators.<name>.module`, when it cannot be imported or exports none.
 */
export const importModule = async (file: string, name: string): Promise<unknown> => {
  let exports: Record<string, unknown>
  try {
    const text = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16)
    exports = await import(`${pathToFileURL(file)}?${text}`)
  } catch (thrown) {
    throw wrong(name, `importing ${file}: ${messageOf(thrown)}`, thrown)
  }
  if (exports.translator !== undefined) return exports.translator
  const names = Object.keys(exports).join(', ') || 'nothing'
  throw wrong(name, `${file} exports ${names}, but no translator`)
}

/** The translator that a module exports, or gives from a function of its options; KalamError config_invalid when it is none. */
export const ownTranslator = (exported: unknown, options: Record<string, unknown>, name: string): OwnTranslator => {
  let own: unknown
  try {
    own = typeof exported === 'function' ? exported(options) : exported
  } catch (thrown) {
    throw wrong(name, `its function translator says: ${messageOf(thrown)}`, thrown)
  }
  const problem = problemOf(own)
  if (problem) throw wrong(name, problem)
  return own as OwnTranslator
}

/** What keeps a value from being a translator. */
const problemOf = (own: unknown): string | undefined => {
  if (own instanceof Promise) return 'its function translator gives a promise; what takes time belongs into translate'
  if (typeof own !== 'object' || own === null) return 'its translator is no object, and no function that gives one'
  const { fingerprint, slots, translate, close } = own as Record<string, unknown>
  if (typeof fingerprint !== 'string' || fingerprint === '') return 'its translator.fingerprint is no text'
  if (typeof translate !== 'function') return 'its translator.translate is no function'
  if (slots !== undefined && !(Number.isInteger(slots) && Number(slots) > 0))
    return 'its translator.slots is no whole number above 0'
  if (close !== undefined && typeof close !== 'function') return 'its translator.close is no function'
  return undefined
}

const wrong = (name: string, fact: string, cause?: unknown): KalamError =>
  new KalamError('config_invalid', `opening translators.${name}.module: ${fact}`, {
    hint: 'docs/translators.md shows what a module exports.',
    cause,
  })
