import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { KalamError } from '../../../../dataflow/error.ts'
import { importModule, ownTranslator } from '../../../../services/translate/backends/load-module.ts'
import { moduleTranslator, type OwnTranslator } from '../../../../services/translate/backends/module.ts'
import { workFolder } from '../../../system/kalam.ts'
import { calm, rejection, requestOf } from '../fake-line.ts'

const folders: { remove(): void }[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove()
})

const fileOf = (text: string): string => {
  const folder = workFolder({ 'mine.mjs': text })
  folders.push(folder)
  return join(folder.path, 'mine.mjs')
}
const loaded = async (text: string, options: Record<string, unknown> = {}): Promise<OwnTranslator> =>
  ownTranslator(await importModule(fileOf(text), 'mine'), options, 'mine')
const translatorOf = (own: OwnTranslator, more: { timeoutMs?: number; options?: Record<string, unknown> } = {}) =>
  moduleTranslator({ name: 'mine', own, options: {}, timeoutMs: 5000, slots: 8, now: () => 1, ...more })
const failing = async (translate: OwnTranslator['translate'], timeoutMs = 5000): Promise<unknown> =>
  rejection(translatorOf({ fingerprint: '1', translate }, { timeoutMs }).translate(requestOf('Hi'), { signal: calm }))

describe('a module', () => {
  it('exports a translator, or a function that gives one from its options', async () => {
    const object = await loaded(
      "export const translator = { fingerprint: '1', translate: ({ text }) => ({ text: '~' + text }) }",
    )
    const made = await loaded(
      "export const translator = ({ mark }) => ({ fingerprint: '1', async translate({ text, attempt, sample }) { return { text: mark + text + attempt + sample } } })",
      { mark: '!' },
    )
    const request = requestOf('Hi', { attempt: 3, sample: 4 })
    expect((await translatorOf(object).translate(request, { signal: calm })).text).toBe('~Hi')
    expect((await translatorOf(made).translate(request, { signal: calm })).text).toBe('!Hi34')
  })

  it('is imported anew when its text is another', async () => {
    const file = fileOf("export const translator = 'one'")
    expect(await importModule(file, 'mine')).toBe('one')
    writeFileSync(file, "export const translator = 'two'")
    expect(await importModule(file, 'mine')).toBe('two')
  })

  it.each([
    ['export const other = 1', /mine\.mjs exports other, but no translator$/],
    ['throw new Error("no weights")', /importing .*mine\.mjs: no weights$/],
    ['export const translator = 1', /its translator is no object, and no function that gives one$/],
    ['export const translator = async () => ({})', /gives a promise; what takes time belongs into translate$/],
    ['export const translator = () => { throw new Error("no key") }', /its function translator says: no key$/],
    ['export const translator = { translate() {} }', /its translator\.fingerprint is no text$/],
    ['export const translator = { fingerprint: "1" }', /its translator\.translate is no function$/],
    ['export const translator = { fingerprint: "1", translate() {}, slots: 0 }', /slots is no whole number above 0$/],
    ['export const translator = { fingerprint: "1", translate() {}, close: 1 }', /close is no function$/],
  ])('that says %j is a config error that names its key', async (text, fact) => {
    const error = await rejection(loaded(text))
    expect(error).toBeInstanceOf(KalamError)
    expect(error).toMatchObject({ code: 'config_invalid', hint: expect.stringContaining('docs/translators.md') })
    expect((error as KalamError).message).toMatch(/^opening translators\.mine\.module: /)
    expect((error as KalamError).message).toMatch(fact)
  })
})

describe('a call of a module', () => {
  it('that throws is a refusal of its text, unless the error is retryable', async () => {
    expect(await failing(() => Promise.reject(new Error('too rude')))).toMatchObject({
      ...{ code: 'backend_refused', retryable: false, details: { status: 422 } },
      message: 'translating s1k/train/7#2 with mine: it answered: too rude',
    })
    expect(await failing(() => Promise.reject(Object.assign(new Error('busy'), { retryable: true })))).toMatchObject({
      ...{ code: 'server_error', retryable: true },
    })
    expect(await failing(() => Promise.reject('text'))).toMatchObject({ code: 'backend_refused' })
  })

  it('that gives no text is no answer', async () => {
    for (const answer of [undefined, null, {}, { text: 1 }, 'text'])
      expect(await failing(() => answer as never)).toMatchObject({ code: 'server_error', retryable: true })
  })

  it('is let go after its time, and its signal is aborted', async () => {
    let seen: AbortSignal | undefined
    const error = await failing((_, { signal }) => {
      seen = signal
      return new Promise(() => {})
    }, 20)
    expect(error).toMatchObject({ code: 'timeout', retryable: true })
    expect(seen?.aborted).toBe(true)
  })

  it('ends with the reason of the signal, whatever the module throws then', async () => {
    const controller = new AbortController()
    const translator = translatorOf({
      fingerprint: '1',
      translate: (_, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('own')))),
    })
    const call = rejection(translator.translate(requestOf('Hi'), { signal: controller.signal }))
    controller.abort('over')
    expect(await call).toBe('over')
  })

  it('takes the usage that is told, and what is no number as none', async () => {
    const answer = (usage: unknown) =>
      translatorOf({ fingerprint: '1', translate: () => ({ text: 'x', usage }) as never }).translate(requestOf('Hi'), {
        signal: calm,
      })
    expect((await answer({ prompt_tokens: 2, completion_tokens: 3, cost_usd: 0.1, model: 'm' })).usage).toMatchObject({
      ...{ prompt_tokens: 2, completion_tokens: 3, cost_usd: 0.1, model: 'm', finish_reason: 'stop', at_ms: 1 },
    })
    for (const usage of [undefined, null, 3, { prompt_tokens: -1, completion_tokens: 'x', cost_usd: -4, model: 1 }])
      expect((await answer(usage)).usage).toMatchObject({
        prompt_tokens: 0,
        completion_tokens: 0,
        cost_usd: null,
        model: '',
      })
  })

  it('has a fingerprint of its own and of its options, and no more slots than it wants', () => {
    const own: OwnTranslator = { fingerprint: '1', slots: 2, translate: () => ({ text: 'x' }) }
    const first = translatorOf(own)
    expect(first.slots).toBe(2)
    expect(translatorOf({ ...own, slots: 9 }).slots).toBe(8)
    expect(translatorOf({ ...own, slots: 9 }).fingerprint).toBe(first.fingerprint)
    expect(translatorOf({ ...own, fingerprint: '2' }).fingerprint).not.toBe(first.fingerprint)
    expect(translatorOf(own, { options: { mark: 1 } }).fingerprint).not.toBe(first.fingerprint)
  })
})
