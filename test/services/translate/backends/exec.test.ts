import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { KalamError } from '../../../../dataflow/error.ts'
import { type ExecOptions, exec } from '../../../../services/translate/backends/exec.ts'
import { retried } from '../../../../services/translate/calls/retried.ts'
import type { Translator } from '../../../../services/translate/translator.ts'
import { workFolder } from '../../../system/kalam.ts'
import { calm, quickly, rejection, requestOf } from '../fake-line.ts'
import { echoProgram, execOptions } from './echo-program.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const folder = () => {
  const made = workFolder({ 'echo.mjs': echoProgram })
  closers.push(made.remove)
  return made.path
}
const started = (more: Partial<ExecOptions> = {}, cwd = folder()): Translator => {
  const translator = exec(execOptions(cwd, more))
  closers.push(async () => translator.close?.())
  return translator
}
const ask = (translator: Translator, text: string, more = {}) =>
  translator.translate(requestOf(text, more), { signal: calm })
const errorOf = async (call: Promise<unknown>): Promise<KalamError> => {
  const thrown = await rejection(call)
  if (thrown instanceof KalamError) return thrown
  throw thrown
}

describe('a program', () => {
  it('is told the whole request, in the folder of pipeline.yaml, and nothing of the environment but what is listed', async () => {
    const cwd = folder()
    const env = { ...process.env, LANG: 'C.UTF-8', HOME: '/h', MY_KEY: 'secret', OTHER: 'no' }
    const { text, usage } = await ask(started({ env, pass: ['MY_KEY', 'UNSET'] }, cwd), 'show', {
      sample: 2,
      attempt: 3,
    })
    expect(JSON.parse(text)).toEqual({
      request: {
        ...{ id: '1', text: 'show', source_language: 'en', target_language: 'ar' },
        ...{ conversation: 's1k/train/7', message_index: 2, sample: 2, attempt: 3 },
      },
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: '/h', MY_KEY: 'secret' },
      cwd,
    })
    const { prompt_tokens, completion_tokens, cost_usd, model, finish_reason } = usage
    expect([prompt_tokens, completion_tokens, cost_usd, model, finish_reason]).toEqual([3, 4, 0.5, 'm', 'length'])
  })

  it('is one process for many calls under way, whose answers come in any order', async () => {
    const translator = started()
    const pids = await Promise.all(Array.from({ length: 20 }, () => ask(translator, 'pid')))
    expect(new Set(pids.map(({ text }) => text)).size).toBe(1)
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => ask(translator, `Text ${i}`)))
    expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 50 }, (_, i) => `~Text ${i}`))
  })

  it('takes more than its pipe holds', async () => {
    const translator = started()
    const texts = Array.from({ length: 40 }, (_, i) => `${i} ${'é'.repeat(50_000)}`)
    const answers = await Promise.all(texts.map((text) => ask(translator, text)))
    expect(answers.map(({ text }) => text)).toEqual(texts.map((text) => `~${text}`))
  })

  it('refuses a text, or says that it may answer later', async () => {
    const translator = started()
    expect(await errorOf(ask(translator, 'refuse'))).toMatchObject({
      ...{ code: 'backend_refused', retryable: false, details: { status: 422 } },
      message: 'translating s1k/train/7#2 with mine: it answered: too rude',
    })
    expect(await errorOf(ask(translator, 'fail'))).toMatchObject({ code: 'server_error', retryable: true })
    expect(await errorOf(ask(translator, 'nothing'))).toMatchObject({
      message: expect.stringContaining('the answer has no "text": {"id":"3","answer":"x"}'),
    })
  })

  it('may tell what is no answer, which is said once of each kind', async () => {
    const notices: string[] = []
    const translator = started({ onNotice: (message) => notices.push(message) })
    for (const text of ['babble', 'babble', 'again', 'again', 'Last'])
      expect((await ask(translator, text)).text).toMatch(text)
    expect(notices.map((notice) => /told a line that (.*?);/.exec(notice)?.[1])).toEqual([
      'is no JSON object',
      'has an id that was not asked',
      'answers a call again',
    ])
  })

  it('ends with the translator, and by its input', async () => {
    const translator = started()
    const pid = Number((await ask(translator, 'pid')).text)
    const hanging = errorOf(ask(translator, 'hang'))
    await translator.close?.()
    expect(await hanging).toMatchObject({ code: 'backend_unreachable', retryable: false })
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
    expect(await errorOf(ask(translator, 'Hello'))).toMatchObject({ message: 'translating with mine: it is closed' })
  })
})

describe('a program that ends', () => {
  it('loses the calls under way, says its last words, and is started again', async () => {
    const translator = started()
    const before = (await ask(translator, 'pid')).text
    const lost = errorOf(ask(translator, 'hang'))
    expect(await errorOf(ask(translator, 'die'))).toMatchObject({
      ...{ code: 'backend_unreachable', retryable: true, details: { lost: true } },
      message: expect.stringMatching(/echo\.mjs ended with code 3 before it answered: about to die$/),
    })
    expect(await lost).toMatchObject({ code: 'backend_unreachable', retryable: true })
    expect((await ask(translator, 'pid')).text).not.toBe(before)
  })

  it('costs no text its translation but the one that ends it', async () => {
    const translator = retried(started(), quickly)
    const texts = Array.from({ length: 12 }, (_, i) => `Text ${i}`)
    const deadly = errorOf(ask(translator, 'die'))
    const answers = await Promise.all(texts.map((text) => ask(translator, text)))
    expect(answers.map(({ text }) => text)).toEqual(texts.map((text) => `~${text}`))
    expect(await deadly).toMatchObject({ code: 'server_error', retryable: true })
  })

  it('at several texts, with nothing else to ask, is not at fault itself', async () => {
    const translator = retried(started(), quickly)
    const deadly = ['die', 'die too', 'die as well', 'die at last'].map((text) => errorOf(ask(translator, text)))
    for (const error of await Promise.all(deadly))
      expect(error).toMatchObject({ code: 'server_error', retryable: true })
    expect((await ask(translator, 'Hello')).text).toBe('~Hello')
  })

  it('again and again before it answers is at fault, with the last lines of its stderr', async () => {
    const cwd = folder()
    const translator = started({ command: [process.execPath, 'echo.mjs', '--broken'] }, cwd)
    for (const code of ['backend_unreachable', 'backend_unreachable', 'backend_refused', 'backend_refused'])
      expect(await errorOf(ask(translator, 'Hello'))).toMatchObject({ code })
    const { message, hint } = await errorOf(ask(translator, 'Hello'))
    expect(message).toMatch(
      /^running translators\.mine\.command: .* ended with code 1 before it answered anything, 5 times in a row/,
    )
    expect(message).toMatch(/the last lines of its stderr:\nno such model$/)
    expect(hint).toMatch(/translators\.mine\.command in pipeline\.yaml/)
  })

  it('is no program at all, which is said at once', async () => {
    const translator = started({ command: ['./not-there'] })
    expect(await errorOf(ask(translator, 'Hello'))).toMatchObject({
      ...{ code: 'backend_refused', retryable: false, details: { unreached: true } },
      message: expect.stringMatching(/translators\.mine\.command: \.\/not-there cannot be started: .*ENOENT/),
    })
  })
})

describe('a program that hangs', () => {
  it('is started again when it answers nothing for as long as a call may take', async () => {
    const translator = started({ timeoutMs: 300, startTimeoutMs: 20_000 })
    const before = (await ask(translator, 'pid')).text
    expect(await errorOf(ask(translator, 'hang'))).toMatchObject({ code: 'timeout', retryable: true })
    expect((await ask(translator, 'pid')).text).not.toBe(before)
  })

  it('at one text goes on with the others', async () => {
    const translator = started({ timeoutMs: 300, startTimeoutMs: 20_000 })
    const before = (await ask(translator, 'pid')).text
    const hanging = errorOf(ask(translator, 'hang'))
    const timer = setInterval(() => void ask(translator, 'Beside').catch(() => undefined), 50)
    closers.push(() => clearInterval(timer))
    expect(await hanging).toMatchObject({ code: 'timeout' })
    expect((await ask(translator, 'pid')).text).toBe(before)
  })

  it('may take longer until its first answer', async () => {
    const translator = started({ timeoutMs: 1, startTimeoutMs: 20_000 })
    expect((await ask(translator, 'pid')).text).toMatch(/^\d+$/)
  })
})

describe('the fingerprint of a program', () => {
  it('is another one when its version, an argument or a file of its command is', () => {
    const cwd = folder()
    const of = (more: Partial<ExecOptions> = {}) => started(more, cwd).fingerprint
    const first = of()
    expect(of({ slots: 3, name: 'other', timeoutMs: 9 })).toBe(first)
    expect(of({ version: '2' })).not.toBe(first)
    expect(of({ command: [process.execPath, 'echo.mjs', '--more'] })).not.toBe(first)
    expect(started().fingerprint).toBe(first)
    writeFileSync(join(cwd, 'echo.mjs'), `${echoProgram}\n// edited`)
    expect(of()).not.toBe(first)
  })

  it('holds while it runs: a program that was edited is not started again', async () => {
    const cwd = folder()
    const translator = started({}, cwd)
    await ask(translator, 'Hello')
    writeFileSync(join(cwd, 'echo.mjs'), `${echoProgram}\n// edited`)
    await errorOf(ask(translator, 'die'))
    expect(await errorOf(ask(translator, 'Hello'))).toMatchObject({ code: 'settings_changed', retryable: false })
  })
})
