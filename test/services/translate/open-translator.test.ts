import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { KalamError } from '../../../dataflow/error.ts'
import { settingsDifference } from '../../../dataflow/settings-hash.ts'
import { type PipelineConfig, pipelineSchema } from '../../../services/config.ts'
import { pseudoText } from '../../../services/translate/backends/pseudo.ts'
import { type TranslatorLine, translatorOpener } from '../../../services/translate/open-translator.ts'
import { translateChunk } from '../../../services/translate/translate-chunk.ts'
import { fakeOpenai } from '../../fake-openai/server.ts'
import { workFolder } from '../../system/kalam.ts'
import { echoProgram } from './backends/echo-program.ts'
import { calm, chunkOf, shortMemory } from './fake-line.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const configOf = (translators: Record<string, unknown>): PipelineConfig =>
  pipelineSchema.parse({
    pipeline: 'test',
    sources: [
      { name: 'one', path: 'one.jsonl' },
      { name: 'two', path: 'two.jsonl', language: 'fr' },
    ],
    chunkings: { tokens490: { by: 'tokens' } },
    translators,
    rankings: {},
  })
const openai = (more: Record<string, unknown>) => ({
  backend: 'openai',
  url: 'http://127.0.0.1:1/v1',
  model: 'm',
  chunking: 'tokens490',
  ...more,
})
const open = (translators: Record<string, unknown>, env: Record<string, string> = {}) => {
  const lines = translatorOpener({ base: '/', env, memory: shortMemory(), now: Date.now }).lines(configOf(translators))
  closers.push(
    ...lines.map(
      ({ translator }) =>
        () =>
          translator.close?.(),
    ),
  )
  return lines
}
const problemOf = (settings: Record<string, unknown>, env: Record<string, string> = {}): KalamError => {
  try {
    open({ gemma3: openai(settings) }, env)
  } catch (thrown) {
    if (thrown instanceof KalamError) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

describe('the lines of a translator', () => {
  it('are one per sample, and differ by it alone', () => {
    const lines = open({
      gemma3: openai({ samples: 3, attempts: 4 }),
      other: { backend: 'pseudo', chunking: 'tokens490' },
    })
    expect(lines.map(({ line, sample, rules, slots }) => [line, sample, rules.attempts, slots])).toEqual([
      ['gemma3', 0, 4, 64],
      ['gemma3-s1', 1, 4, 64],
      ['gemma3-s2', 2, 4, 64],
      ['other', 0, 1, 64],
    ])
    expect(new Set(lines.slice(0, 3).map(({ fingerprint }) => fingerprint)).size).toBe(1)
  })

  it('share their slots', async () => {
    const server = await fakeOpenai({ latencyMs: 10 })
    closers.push(server.close)
    const lines = open({ gemma3: openai({ url: server.url, samples: 2, slots: 3 }) })
    const records = lines.flatMap((line) =>
      Array.from({ length: 10 }, (_, i) => translateChunk(chunkOf(`Text ${i}`), 'one/t/1', line, calm)),
    )
    for (const { status } of await Promise.all(records)) expect(status).toBe('translated')
    expect(server.stats).toMatchObject({ calls: 20, mostAtOnce: 3 })
  })

  it('ask in the language of the source that a conversation is of', async () => {
    const server = await fakeOpenai({ record: true })
    closers.push(server.close)
    const [line] = open({ gemma3: openai({ url: server.url }) })
    for (const id of ['one/t/1', 'two/t/1']) await translateChunk(chunkOf('Salut'), id, line!, calm)
    expect(server.received.map(({ body }) => /from (\w+) into (\w+)/.exec(JSON.stringify(body))?.slice(1))).toEqual([
      ['English', 'Arabic'],
      ['French', 'Arabic'],
    ])
  })
})

describe('the settings', () => {
  it('may name several URLs and variables, and the key by its variable', async () => {
    const servers = [await fakeOpenai({ record: true }), await fakeOpenai({ record: true })]
    closers.push(...servers.map(({ close }) => close))
    const [line] = open(
      { gemma3: openai({ url: '$GPUS, $LAST', key: '$MY_KEY' }) },
      { GPUS: servers[0]!.url, LAST: servers[1]!.url, MY_KEY: 'k' },
    )
    for (const text of ['a', 'b']) {
      expect(await translateChunk(chunkOf(text), 'one/t/1', line!, calm)).toMatchObject({
        target_text: pseudoText(text),
      })
    }
    expect(servers.map(({ received }) => received.map(({ headers }) => headers.authorization))).toEqual([
      ['Bearer k'],
      ['Bearer k'],
    ])
  })

  it.each(['$NONE', 'gpu-1:8000/v1', 'http://a/v1,', ''])('need URLs, not %j', (url) => {
    const error = problemOf({ url })
    expect(error.code).toBe('config_invalid')
    expect(error.message).toMatch(/^opening translators\.gemma3\.url: .* is no URL; write one as /)
  })

  it.each([
    ['seed-x', 'chat', 'completions'],
    ['instruct', 'completions', 'chat'],
  ])('need the API that the prompt %s is written for', (prompt, api, needed) => {
    expect(problemOf({ prompt, api }).message).toBe(
      `opening translators.gemma3: the prompt ${prompt} needs api: ${needed}`,
    )
  })

  it('need the API that a prompt of one’s own says', () => {
    const prompt = { template: '{text}', api: 'completions' }
    expect(problemOf({ prompt, api: 'chat' }).message).toBe(
      'opening translators.gemma3: the prompt of its own needs api: completions',
    )
  })
})

describe('a line as it was built', () => {
  const opener = () => {
    const made = translatorOpener({ base: '/', env: {}, memory: shortMemory(), now: Date.now })
    closers.push(made.close)
    return made
  }
  const builtOf = (config: PipelineConfig) => {
    const [line] = opener().lines(config)
    const { fingerprint, splits, sample, rules, recipe } = line!
    return { line: line!.line, settings: { fingerprint, splits, sample, attempts: rules.attempts }, recipe }
  }

  it('asks the model of its recipe at the URL that pipeline.yaml has now', async () => {
    const server = await fakeOpenai({ record: true })
    closers.push(server.close)
    const built = builtOf(configOf({ gemma3: openai({ model: 'old', attempts: 2, splits: { only: ['train'] } }) }))
    const now = configOf({ gemma3: openai({ model: 'new', url: server.url, slots: 7 }) })
    const line = opener().built(now, built)
    expect(line).toMatchObject({ rules: { attempts: 2 }, slots: 7, splits: { only: ['train'] }, chunking: 'tokens490' })
    await translateChunk(chunkOf('Hello'), 'one/t/1', line, calm)
    expect(server.received[0]!.body.model).toBe('old')
  })

  it('shares its slots with the line as it is now', async () => {
    const server = await fakeOpenai({ latencyMs: 10 })
    closers.push(server.close)
    const built = builtOf(configOf({ gemma3: openai({ model: 'old' }) }))
    const now = configOf({ gemma3: openai({ model: 'new', url: server.url, slots: 2 }) })
    const both = opener()
    const lines = [both.built(now, built), both.lines(now)[0]!]
    await Promise.all(
      lines.flatMap((line) =>
        Array.from({ length: 6 }, (_, i) => translateChunk(chunkOf(`Text ${i}`), 'one/t/1', line, calm)),
      ),
    )
    expect(server.stats).toMatchObject({ calls: 12, mostAtOnce: 2 })
  })

  it('is refused when it would answer otherwise, and when pipeline.yaml has it no more', () => {
    const built = builtOf(configOf({ gemma3: openai({}) }))
    const other = { ...built, settings: { ...built.settings, fingerprint: 'of a prompt that is gone' } }
    expect(() => opener().built(configOf({ gemma3: openai({}) }), other)).toThrow(/not those it was built with/)
    expect(() => opener().built(configOf({}), built)).toThrow(/pipeline.yaml has no such line/)
    const backend = configOf({ gemma3: { backend: 'pseudo', chunking: 'tokens490' } })
    expect(() => opener().built(backend, built)).toThrow(/its backend was openai, now it is pseudo/)
  })
})

describe('a translator of the user', () => {
  const folder = workFolder({
    'echo.mjs': echoProgram,
    'mine.mjs':
      "export const translator = ({ mark = '~' }) => ({ fingerprint: '1', translate: ({ text, sample }) => ({ text: mark + text + sample }) })",
  })
  afterAll(folder.remove)
  const own = {
    exec: { backend: 'exec', command: [process.execPath, 'echo.mjs'], chunking: 'tokens490' },
    module: { backend: 'module', module: 'mine.mjs', chunking: 'tokens490' },
  }
  const opener = (base = folder.path) => {
    const memory = shortMemory()
    const made = translatorOpener({ base, env: process.env, memory, now: Date.now })
    closers.push(made.close)
    return { ...made, memory }
  }
  const linesOf = async (made: ReturnType<typeof opener>, config: PipelineConfig) => {
    await made.load(config)
    return made.lines(config)
  }
  const builtOf = ({ line, fingerprint, splits, sample, rules, recipe }: TranslatorLine) => ({
    ...{ line, recipe },
    settings: { fingerprint, splits, sample, attempts: rules.attempts },
  })

  it.each(['exec', 'module'] as const)('by %s has samples, rules, a memory and repeats as any other', async (kind) => {
    const made = opener()
    const lines = await linesOf(
      made,
      configOf({ mine: { ...own[kind], samples: 2, attempts: 4, budget: { calls: 9 } } }),
    )
    expect(
      lines.map(({ line, slots, isSingle, rules, stand }) => [line, slots, isSingle, rules.attempts, stand]),
    ).toEqual([
      ['mine', 8, true, 4, { reason: undefined, sinceMs: 0 }],
      ['mine-s1', 8, true, 4, { reason: undefined, sinceMs: 0 }],
    ])
    const text = 'Good morning, see `code` and https://example.org/x today.'
    for (const line of lines) {
      const asked = await translateChunk(chunkOf(text), 'one/t/1', line, calm)
      expect(asked).toMatchObject({
        status: 'translated',
        backend: kind,
        target_text: expect.stringMatching(/^~.*`code`/),
      })
      expect(asked.attempts.map(({ from_memory }) => from_memory)).not.toContain(true)
      const again = await translateChunk(chunkOf(text), 'one/t/1', line, calm)
      expect(again.target_text).toBe(asked.target_text)
      expect(again.attempts.map(({ from_memory }) => from_memory)).not.toContain(false)
    }
    expect(made.memory.answers.size).toBeGreaterThan(1)
  })

  it.each([
    ['exec', { command: [process.execPath, 'echo.mjs', '--more'] }],
    ['exec', { version: '2' }],
    ['module', { options: { mark: '!' } }],
  ] as const)('by %s goes on as it was built beside an edit of %j', async (kind, edit) => {
    const before = builtOf((await linesOf(opener(), configOf({ mine: own[kind] })))[0]!)
    const after = opener()
    const config = configOf({ mine: { ...own[kind], ...edit, slots: 2 } })
    const [now] = await linesOf(after, config)
    expect(now!.fingerprint).not.toBe(before.settings.fingerprint)
    expect(settingsDifference(before.recipe, now!.recipe).join()).toMatch(Object.keys(edit)[0]!)
    const built = after.built(config, before)
    expect([built.fingerprint, built.slots]).toEqual([before.settings.fingerprint, 2])
  })

  it.each(['exec', 'module'] as const)(
    'by %s is the same in another folder, and another one when its file is edited',
    async (kind) => {
      const before = builtOf((await linesOf(opener(), configOf({ mine: own[kind] })))[0]!)
      const moved = workFolder({ 'moved.mjs': kind === 'exec' ? echoProgram : readFileSync(`${folder.path}/mine.mjs`) })
      closers.push(moved.remove)
      const there = kind === 'exec' ? { command: [process.execPath, 'moved.mjs'] } : { module: 'moved.mjs' }
      const config = configOf({ mine: { ...own[kind], ...there } })
      const after = opener(moved.path)
      await linesOf(after, config)
      expect(after.built(config, before).fingerprint).toBe(before.settings.fingerprint)
      const edit =
        kind === 'exec' ? `${echoProgram}//` : "export const translator = { fingerprint: '2', translate() {} }"
      writeFileSync(`${moved.path}/moved.mjs`, edit)
      const edited = opener(moved.path)
      await linesOf(edited, config)
      expect(() => edited.built(config, before)).toThrow(/not those it was built with/)
    },
  )
})
