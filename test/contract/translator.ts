import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hardTexts, longText, portChecks } from '../../services/translate/port-checks.ts'
import type { Translator } from '../../services/translate/translator.ts'
import { calm, requestOf } from '../services/translate/fake-line.ts'

/** A translator under test; what it needs besides is closed with it. */
export interface TranslatorWorld {
  translator: Translator
  /** What it makes of a text, where that is known. */
  expected?(text: string): string
  close?(): Promise<unknown>
}

/** What `services/translate/translator.ts` promises, as tests that every backend passes: the checks of `kalam config check --suite`, and more. */
export const translatorContract = (name: string, makeWorld: () => TranslatorWorld | Promise<TranslatorWorld>): void => {
  describe(name, () => {
    let world: TranslatorWorld
    beforeEach(async () => {
      world = await makeWorld()
    })
    afterEach(async () => {
      await world.translator.close?.()
      await world.close?.()
    })
    const answerTo = async (text: string) => {
      const answer = await world.translator.translate(requestOf(text), { signal: calm })
      return answer.text
    }

    for (const check of portChecks) {
      it(check.name, async () => {
        expect(await check.run(world.translator)).toBe(undefined)
      })
    }

    it.each(Object.entries({ ...hardTexts, length: longText }))('loses nothing of a text with %s', async (_, text) => {
      const { expected } = world
      expect(expected).toBeDefined()
      expect(await answerTo(text)).toBe(expected?.(text))
    })

    it('has the fingerprint of another one with the same settings', async () => {
      const other = await makeWorld()
      const { fingerprint, backend } = other.translator
      await other.translator.close?.()
      await other.close?.()
      expect(fingerprint).toBe(world.translator.fingerprint)
      expect(backend).toBe(world.translator.backend)
    })
  })
}
