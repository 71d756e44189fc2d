import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { withPatience } from '../../cli/patience.ts'
import type { TranslatorLine } from '../../services/translate/open-translator.ts'
import { type FakeOptions, fakeOpenai } from '../fake-openai/server.ts'
import { lineOf, requestOf } from '../services/translate/fake-line.ts'
import { startKalam, workFolder } from '../system/kalam.ts'
import { startWarehouse } from '../warehouse/start-warehouse.ts'
import { askTranslation } from './ask-translation.ts'

const secret = 'sk-never-shown'
const text = 'Run `npm test` first.'

const pipeline = (url: string, more = '') => `
pipeline: trial
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators:
  model: { backend: openai, url: "${url}", key: $MODEL_KEY, model: m, chunking: all, attempts: 2 }
rankings: { release: { candidates: [model] } }
${more}`

describe('kalam try', () => {
  const closers: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })
  const serverWith = async (options: FakeOptions = {}) => {
    const server = await fakeOpenai(options)
    closers.push(server.close)
    return server
  }
  const newPipeline = (url: string, more?: string) => {
    const folder = workFolder({ 'data.jsonl': '', 'pipeline.yaml': pipeline(url, more) })
    closers.push(folder.remove)
    return { folder: folder.path, ask: askTranslation(folder.path, { MODEL_KEY: secret }) }
  }

  it('shows what it asked, and ends with what would make a run wait for its owner', async () => {
    const { url } = await serverWith({ key: 'another' })
    const { code, out, err } = await newPipeline(url).ask('try', 'model', text)
    expect([code, out]).toEqual([1, expect.stringMatching(/kept back[\s\S]*request, attempt 0[\s\S]*error\n/)])
    expect(err).toContain('error backend_refused: ')
    expect(out + err).not.toContain(secret)
  })

  it('books what it pays, and pays nothing that another machine paid', async () => {
    const warehouse = await startWarehouse()
    closers.push(() => warehouse.close())
    const { url, stats } = await serverWith()
    const shared = `memory: { url: "${warehouse.url}", database: answers }`
    const [one, other] = [newPipeline(url, shared), newPipeline(url, shared)]
    expect((await one.ask('try', 'model', text)).code).toBe(0)
    expect((await other.ask('try', 'model', text)).out).toContain('answer, from the memory')
    expect(stats.calls).toBe(1)
    const spentIn = async ({ ask }: typeof one) => JSON.parse((await ask('memory', 'stats', '--json')).out).accounts
    expect(await spentIn(one)).toMatchObject([{ name: 'model', spent: { calls: 1 }, reserved: { calls: 0 } }])
    expect(await spentIn(other)).toEqual([])

    const third = newPipeline(url, shared)
    const messages = [
      { role: 'user', content: text },
      { role: 'assistant', content: 'It is done.' },
    ]
    writeFileSync(join(third.folder, 'data.jsonl'), JSON.stringify({ messages }))
    const estimate = () => third.ask('estimate', join(third.folder, 'pipeline.yaml'), '--json')
    const [model] = JSON.parse((await estimate()).out).translators
    expect(model.total).toMatchObject({ saved: { calls: 1 }, cost: { calls: { low: 1 } } })
    await warehouse.close()
    expect(await estimate()).toMatchObject({ code: 1, out: '', err: expect.stringContaining('memory') })
    expect(stats.calls).toBe(1)
  }, 120_000)

  it('takes the translator as pipeline.yaml has it now, and says what was probably meant', async () => {
    const { url } = await serverWith()
    const { folder, ask } = newPipeline(url)
    writeFileSync(join(folder, 'pipeline.yaml'), pipeline(url).replace('model: m,', 'model: newer,'))
    expect((await ask('try', 'model', text, '--dry')).out).toContain('"model": "newer"')
    const { code, err } = await ask('try', 'modle', text)
    expect([code, err]).toEqual([1, expect.stringContaining('Did you mean model?')])
    expect((await ask('try', 'model', 'talk/data/0')).err).toContain('this pipeline has not run yet')
  })

  it('says for whom it waits, once', async () => {
    const { folder } = newPipeline('http://127.0.0.1:1/v1')
    const { child, ended } = startKalam(folder, ['try', 'model', text], { MODEL_KEY: secret })
    let said = ''
    child.stderr!.on('data', (piece) => {
      said += piece
    })
    await expect.poll(() => said, { timeout: 20_000 }).toContain('model waits: ')
    await sleep(1500)
    child.kill('SIGTERM')
    const { out, err } = await ended
    expect([out, err]).toEqual(['', expect.stringMatching(/^model waits: .*ECONNREFUSED.*\n$/)])
  })
})

it('gives up a call that nobody answers when patience ends', async () => {
  const line = {
    ...lineOf({
      ...{ backend: 'openai', fingerprint: 'f', slots: 1, paid: true, render: () => '' },
      translate: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    }),
    line: 'model',
  } as TranslatorLine
  const asked = withPatience(line, 1, ({ translator }, signal) => translator.translate(requestOf('Hello'), { signal }))
  await expect(asked).rejects.toMatchObject({ code: 'timeout', message: expect.stringContaining('trying model') })
})
