import { describe, expect, it } from 'vitest'
import { KalamError } from '../../../dataflow/error.ts'
import { pseudo } from '../../../services/translate/backends/pseudo.ts'
import { portChecks } from '../../../services/translate/port-checks.ts'
import type { TranslateAnswer, Translator } from '../../../services/translate/translator.ts'

/** Names of the checks that a translator fails, with why. */
const failures = async (translator: Translator): Promise<Record<string, string>> => {
  const found: Record<string, string> = {}
  for (const { name, run } of portChecks) {
    const problem = await run(translator)
    if (problem !== undefined) found[name] = problem
  }
  return found
}
const sound = pseudo()
const answering = (change: (answer: TranslateAnswer) => unknown): Translator => ({
  ...sound,
  translate: async (request, call) => change(await sound.translate(request, call)) as TranslateAnswer,
})
const throwing = (thrown: unknown): Translator => ({ ...sound, translate: () => Promise.reject(thrown) })
const calls = portChecks.map(({ name }) => name).filter((name) => !/fingerprint|closes/.test(name))

describe('the checks of the translator port', () => {
  it('pass a sound translator', async () => {
    expect(await failures(sound)).toEqual({})
  })

  it.each([
    ['no text', answering(({ usage }) => ({ usage })), 'has no text'],
    ['an empty text', answering((answer) => ({ ...answer, text: ' ' })), 'is empty'],
    ['broken bytes', answering((answer) => ({ ...answer, text: 'a\ufffd' })), 'is damaged'],
    ['half a character', answering((answer) => ({ ...answer, text: '\ud83d' })), 'is damaged'],
    ['no usage', answering((answer) => ({ ...answer, usage: {} })), 'its usage is'],
    ['an error of another kind', throwing(new Error('oops')), 'it threw no KalamError: oops'],
    ['a refusal of everything', throwing(new KalamError('backend_refused', 'no key')), 'no key'],
  ])('find %s', async (_, translator, problem) => {
    const found = await failures(translator)
    const all = calls.filter((name) => name in found || !/long text/.test(name))
    expect(Object.keys(found)).toEqual(all)
    for (const text of Object.values(found)) expect(text).toContain(problem)
  })

  it('find answers that were mixed up', async () => {
    let last = ''
    const translator: Translator = {
      ...sound,
      async translate({ text }) {
        if (!text.startsWith('The number')) return { ...(await sound.translateNow!({ text } as never)), text }
        last = text
        await new Promise<void>((resolve) => setTimeout(resolve, 5))
        return { ...sound.translateNow!({ text } as never), text: last }
      },
    }
    expect(await failures(translator)).toEqual({
      'gives every one of many calls at once its own answer': expect.stringContaining('got the answer to another call'),
    })
  })

  it('find requests that are rendered by chance, and texts that are rendered alike', async () => {
    const name = portChecks.find(({ name }) => name.includes('fingerprint'))!.name
    let count = 0
    expect(await failures({ ...sound, render: () => String(count++) })).toEqual({
      [name]: expect.stringContaining('equal'),
    })
    expect(await failures({ ...sound, render: () => '' })).toEqual({ [name]: 'two texts are rendered alike' })
    expect(await failures({ ...sound, fingerprint: '' })).toEqual({ [name]: 'the fingerprint is empty' })
    expect(await failures({ ...sound, slots: 0 })).toEqual({ [name]: 'slots is 0' })
  })

  it('find calls that go on when they are aborted, and a close that fails', async () => {
    const deaf: Translator = {
      ...sound,
      translate: (request, call) =>
        request.text.includes('Stop') ? new Promise(() => {}) : sound.translate(request, call),
      close: () => Promise.reject(new Error('stuck')),
    }
    expect(await failures(deaf)).toEqual({
      'ends a call when it is aborted, and answers the next one': 'an aborted call goes on for more than 2 s',
      'closes, also twice': 'close says: stuck',
    })
  })

  it('forgive a recording what it does not have, and ask again what may succeed later', async () => {
    expect(await failures(throwing(new KalamError('no_translation', 'not recorded')))).toEqual({})
    let first = true
    const busy: Translator = {
      ...sound,
      translate(request, call) {
        if (!first) return sound.translate(request, call)
        first = false
        return Promise.reject(new KalamError('rate_limited', 'slow down', { retryable: true }))
      },
    }
    expect(await failures(busy)).toEqual({})
  })
})
