import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { KalamError } from '../../dataflow/error.ts'
import type { Problem } from '../../services/config-problems.ts'
import { configJsonSchema, type Shape } from '../../services/config-shape.ts'
import { loadPipeline, parsePipeline } from '../../services/load-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'kalam-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'chat.jsonl'), '')
writeFileSync(join(folder, 'table.csv'), '')
mkdirSync(join(folder, 'sets'))

const sound = `pipeline: demo
sources: [{ name: chat, path: chat.jsonl }]
chunkings: { lines25: { by: lines } }
translators: { pseudo: { backend: pseudo, chunking: lines25 } }
rankings: { release: { candidates: [pseudo] } }
`
const edited = (from: string | RegExp, to: string) => {
  const text = sound.replace(from, to)
  if (text === sound) throw new Error(`nothing to replace: ${from}`)
  return text
}
const failure = (text: string, env: Record<string, string> = {}): KalamError => {
  try {
    parsePipeline(text, 'pipeline.yaml', { base: folder, env })
  } catch (thrown) {
    if (thrown instanceof KalamError) return thrown
    throw thrown
  }
  throw new Error('the pipeline is sound')
}
/** The problems as `line:col text`. */
const problemsOf = (text: string, env: Record<string, string> = {}): string[] =>
  (failure(text, env).details.problems as Problem[]).map(({ line, col, text }) => `${line}:${col} ${text}`)

describe('parsePipeline', () => {
  it('fills in the defaults of a sound pipeline', () => {
    expect(parsePipeline(sound, 'pipeline.yaml', { base: folder, env: {} })).toMatchObject({
      partitions: 4,
      state: '.kalam',
      out: 'out',
      log: 'embedded',
      limits: { conversation_bytes: 4 * 2 ** 20 },
      sources: [{ kind: 'files', language: 'en' }],
      chunkings: { lines25: { count: 25, limit: 4000, tokenizer: 'llama3.1' } },
      rankings: { release: { weights: { lr: 0.5, scr: 0.5 }, keep: { complete: true } } },
    })
  })

  it('lists all problems at once, in the order of their places, each with its line underlined', () => {
    const error = failure(`pipeline: Demo
partitons: 8
sources: [{ name: chat, path: none.jsonl }]
chunkings:
  lines25: { by: lines, count: many }
translators:
  pseudo: { backend: pseudo, chunking: lines52 }
rankings:
  release:
    candidates: [pseudo, gemma3]
    keep: { lr: 0.4 }
`)
    expect(error.code).toBe('config_invalid')
    expect(error.message).toMatch(/^reading pipeline\.yaml: 7 problems\n/)
    expect(error.hint).toBe('Nothing was started. 7 problems in pipeline.yaml.')
    expect((error.details.problems as Problem[]).map(({ line, col }) => `${line}:${col}`)).toEqual([
      ...['1:11', '2:1', '3:31', '5:32', '7:40', '10:26', '11:17'],
    ])
    expect(error.message).toContain(`
     2 |  partitons: 8
       |  ^^^^^^^^^
`)
  })

  it.each([
    [
      'an unknown key',
      ['pipeline: demo', 'pipeline: demo\npartitons: 8'],
      '2:1 unknown key partitons; did you mean partitions?',
    ],
    [
      'a key of another backend',
      ['backend: pseudo,', 'backend: pseudo, model: x,'],
      /unknown key translators\.pseudo\.model; model belongs to backend: openai/,
    ],
    [
      'a wrong type',
      ['pipeline: demo', 'pipeline: demo\npartitions: four'],
      '2:13 partitions: expected a whole number from 1 to 1024; found four',
    ],
    ['a fraction', ['pipeline: demo', 'pipeline: demo\npartitions: 1.5'], /partitions: expected a whole number/],
    ['a number out of range', ['pipeline: demo', 'pipeline: demo\npartitions: 0'], /from 1 to 1024; found 0$/],
    [
      'a wrong name',
      ['pipeline: demo', 'pipeline: My demo'],
      '1:11 pipeline: use a-z, 0-9 and -, at most 40; found My demo',
    ],
    [
      'an unknown backend',
      ['backend: pseudo', 'backend: pseudoo'],
      /translators\.pseudo\.backend: expected one of .*pseudo.*; found pseudoo; did you mean pseudo\?$/,
    ],
    [
      'a missing key',
      ['backend: pseudo, chunking: lines25', 'backend: pseudo'],
      /translators\.pseudo\.chunking is missing: expected text/,
    ],
    [
      'a metric that nothing computes',
      ['candidates: [pseudo]', 'candidates: [pseudo], weights: { lrr: 1 }'],
      /weights\.lrr: there is no metric lrr; there is lr, scr, .*; did you mean lr\?/,
    ],
    [
      'weights that say nothing',
      ['candidates: [pseudo]', 'candidates: [pseudo], weights: { lr: 0 }'],
      /weights: must have a weight that is not 0/,
    ],
    [
      'a threshold of such a metric',
      ['candidates: [pseudo]', 'candidates: [pseudo], keep: { metrics: { turn: "<= 3" } }'],
      /keep\.metrics\.turn: there is no metric turn; .*did you mean turns\?/,
    ],
    [
      'a share above 1',
      ['candidates: [pseudo]', 'candidates: [pseudo], keep: { lr: ">= 40" }'],
      /keep\.lr: lr is from 0 to 1; found >= 40/,
    ],
    ['a missing section', [/chunkings: .*\n/, ''], /chunkings is missing/],
    [
      'an empty section',
      [/sources: .*/, 'sources: []'],
      /sources: expected at least 1 in the list; found an empty list/,
    ],
    [
      'a chunking that is not there',
      ['chunking: lines25', 'chunking: lines52'],
      /there is no chunking lines52; there is lines25; did you mean lines25\?$/,
    ],
    [
      'a candidate that is not there',
      ['candidates: [pseudo]', 'candidates: [psuedo]'],
      /there is no translator line psuedo; there is pseudo; did you mean pseudo\?$/,
    ],
    [
      'a threshold without quotes',
      ['candidates: [pseudo]', 'candidates: [pseudo], keep: { lr: 0.4 }'],
      /keep\.lr: write it like ">= 0\.4"; found 0\.4$/,
    ],
    ['a line name that kalam makes itself', [/pseudo: \{/, 'pseudo-s1: {'], /must not end in -s<number>/],
    [
      'a limit above the largest',
      ['pipeline: demo', 'pipeline: demo\nlimits: { conversation_bytes: 8388609 }'],
      /expected a whole number from 1024 to 8388608; found 8388609/,
    ],
    [
      'a source named twice',
      [/sources: .*/, 'sources: [{ name: a, path: chat.jsonl }, { name: a, path: sets }]'],
      '2:50 sources[1].name: a is the name of source 1 already',
    ],
    [
      'a file that is not there',
      ['path: chat.jsonl', 'path: chta.jsonl'],
      /^2:31 sources\[0\]\.path: there is no .*\/chta\.jsonl$/,
    ],
    [
      'a file of another kind',
      ['path: chat.jsonl', 'path: table.csv'],
      /sources\[0\]\.path: table\.csv is no \.jsonl, \.jsonl\.gz or \.parquet file/,
    ],
    [
      'a pattern in no folder',
      ['path: chat.jsonl', 'path: "none/*.jsonl"'],
      /sources\[0\]\.path: there is no folder .*\/none/,
    ],
    [
      'samples that are all the same',
      [
        'backend: pseudo, chunking: lines25',
        'backend: openai, url: "http://a/v1", model: m, chunking: lines25, samples: 2',
      ],
      /translators\.pseudo\.samples: 2 samples are all the same at temperature 0; set sampling: /,
    ],
    [
      'a URL that is none',
      ['backend: pseudo, chunking: lines25', 'backend: openai, url: "gpu-1:8000", model: m, chunking: lines25'],
      /translators\.pseudo\.url: "gpu-1:8000" is no URL; write one as http:\/\/gpu-1:8000\/v1, several by comma/,
    ],
    [
      'an unknown role',
      ['path: chat.jsonl', 'path: chat.jsonl, columns: { roles: { human: usr } }'],
      /roles\.human: expected one of system, user, assistant, tool; found usr; did you mean user\?/,
    ],
  ] as [string, [string | RegExp, string], string | RegExp][])(
    'says of %s where it stands and what is expected',
    (_name, [from, to], problem) => {
      const [found = '', ...others] = problemsOf(edited(from, to)).filter((text) => !isFollowUp(text))
      if (typeof problem === 'string') expect(found).toBe(problem)
      else expect(found).toMatch(problem)
      expect(others).toEqual([])
    },
  )

  it.each([
    ['', /sources is missing/],
    ['just words', /expected keys and values; found just words/],
    ['[1, 2]', /expected keys and values; found a list/],
    ['pipeline: [', /no valid YAML/],
    ['pipeline: a\npipeline: b\n', /^2:1 no valid YAML: Map keys must be unique/],
    ['a: &x [*x]\n', /pipeline is missing/],
    ['a: *none\n', /no valid YAML/],
  ])('refuses %j without a stack', (text, problem) => {
    const error = failure(text)
    expect(problemsOf(text).join('\n')).toMatch(problem)
    expect(error.message).not.toMatch(/\n\s+at /)
  })

  describe('a prompt of one’s own', () => {
    const withPrompt = (prompt: string) =>
      edited(
        /translators: .*/,
        `translators: { pseudo: { backend: openai, url: "http://a/v1", model: m, chunking: lines25, prompt: ${prompt} } }`,
      )
    const promptOf = (prompt: string) => {
      const { pseudo } = parsePipeline(withPrompt(prompt), 'pipeline.yaml').translators
      return pseudo?.backend === 'openai' ? pseudo.prompt : undefined
    }

    it('has defaults, and names stay names', () => {
      const template = 'Into {target_language}: {text}'
      expect(promptOf(`{ template: "${template}" }`)).toEqual({ template, api: 'chat', stop: [], parse: 'trim' })
      for (const name of ['instruct', 'seed-x', 'translate-gemma']) expect(promptOf(name)).toBe(name)
    })

    it.each([
      [
        '{ template: "{txt}" }',
        /^4:\d+ translators\.pseudo\.prompt\.template: there is no variable \{txt\}; there is \{text\}, /,
      ],
      ['{ template: "{text} {lang}" }', /prompt\.template: there is no variable \{lang\}/],
      ['{ template: "Translate." }', /prompt\.template: \{text\} is missing/],
      ['{ template: "{{text}}" }', /prompt\.template: variables have one brace on each side/],
      ['{ api: chat }', /translators\.pseudo\.prompt\.template is missing/],
      ['{ template: "{text}", stops: [a] }', /unknown key translators\.pseudo\.prompt\.stops; did you mean stop\?/],
      [
        '{ template: "{text}", api: chats }',
        /prompt\.api: expected one of chat, completions; found chats; did you mean chat\?/,
      ],
      ['instuct', /translators\.pseudo\.prompt: expected one of .*; found instuct; did you mean instruct\?/],
    ])('is refused by its key: %s', (prompt, problem) =>
      expect(problemsOf(withPrompt(prompt)).join('\n')).toMatch(problem),
    )
  })

  it('names the variables that are not set, once each, and what to do', () => {
    const text = edited(
      /translators: .*/,
      `warehouse: { url: http://127.0.0.1, password: $KALAM_PASSWORD }
translators:
  a: { backend: openai, url: $KALAM_URL, key: $KALAM_KEY, model: m, chunking: lines25 }
  pseudo: { backend: openai, url: "$KALAM_URL,http://b/v1", model: m, chunking: lines25 }`,
    )
    const error = failure(text)
    expect(error.code).toBe('missing_setting')
    expect(error.message).toContain('translators.a.url: the variable KALAM_URL is not set')
    expect(error.message).toContain('translators.a.key: the variable KALAM_KEY is not set')
    expect(error.message).toContain('warehouse.password: the variable KALAM_PASSWORD is not set')
    expect(error.hint?.match(/Set KALAM_URL/g)).toHaveLength(1)
    expect(error.hint).toContain('Set KALAM_KEY, or name another variable there.')
    const env = { KALAM_URL: 'http://a/v1', KALAM_KEY: 'sk-very-secret', KALAM_PASSWORD: 'sk-very-secret' }
    expect(JSON.stringify(parsePipeline(text, 'pipeline.yaml', { base: folder, env }))).not.toContain('sk-very-secret')
  })

  it.each([
    ['sk-AAA\nBBB', 'a line break at character 7'],
    ['sk-ключ', 'white space or another character that is not printable ASCII at character 4'],
    ['sk-\u0001', 'white space or another character that is not printable ASCII at character 4'],
  ])('refuses a key that no header can carry, without showing it: %j', (key, told) => {
    const settings =
      'translators: { pseudo: { backend: openai, url: "http://a/v1", key: $KALAM_KEY, model: m, chunking: lines25 } }'
    const { message, hint, details } = failure(edited(/translators: .*/, settings), { KALAM_KEY: key })
    expect(message).toContain(`translators.pseudo.key: the variable KALAM_KEY has ${told}`)
    expect(JSON.stringify([message, hint, details])).not.toMatch(/AAA|BBB|ключ/)
  })

  const onKafka = (broker: string) =>
    edited(
      /translators:/,
      `log: { kafka: { brokers: [kafka-1:9092, "${broker}"], registry: http://r/v7 } }\ntranslators:`,
    )

  it.each(['127.0.0.1', 'kafka:', 'kafka:0', 'kafka:65536', 'kafka:x', ':9092', 'kafka-2:9092,', 'SSL://kafka:9092'])(
    'refuses the broker %s, which has no host and port',
    (broker) => {
      expect(problemsOf(onKafka(broker)).join()).toMatch(
        /^4:\d+ log\.kafka\.brokers\[1\]: ".*" is no host:port; write one as kafka-1:9092/,
      )
      const { message } = failure(onKafka('$KAFKA_BROKERS'), { KAFKA_BROKERS: broker })
      expect(message).toContain('log.kafka.brokers[1]: what the variable KAFKA_BROKERS holds is no host:port')
      expect(message).not.toContain(`"${broker}"`)
    },
  )

  it.each(['[::1]:9092', '::1', 'fe80::1:9092'])('says what to write for the IPv6 address %s', (broker) => {
    expect(problemsOf(onKafka(broker)).join()).toContain('write host:port with a host name that stands for it')
  })

  it('takes brokers with ports, several of them by comma', () => {
    const env = { KAFKA_BROKERS: 'kafka_2.example-1.org:9092, 10.0.0.3:65535' }
    expect(() => parsePipeline(onKafka('$KAFKA_BROKERS'), 'pipeline.yaml', { base: folder, env })).not.toThrow()
  })

  it('never shows the value of a variable, also where other things are wrong', () => {
    const text = edited(
      /translators: .*/,
      'translators:\n  pseudo: { backend: openai, url: $KALAM_URL, key: $KALAM_KEY, model: 7, chunking: none }',
    )
    const { message, hint, details } = failure(text, { KALAM_URL: 'http://secret-host/', KALAM_KEY: 'sk-very-secret' })
    expect(JSON.stringify([message, hint, details])).not.toMatch(/secret/)
  })
})

describe('a secret written into the file', () => {
  it('is refused as a key, and never shown', () => {
    const text = edited(
      /translators: .*/,
      `translators:
  pseudo: { backend: openai, url: "http://me:hunter2@host/v1", key: sk-hunter2, model: 7, chunking: lines25 }
  quoted: { backend: openai, url: http://host, "key": "sk-hunter2", model: m, chunking: none }`,
    )
    const { message, hint, details } = failure(text)
    expect(message).toContain('pseudo.key: write $VARIABLE; the key itself stands only in the environment')
    expect(message).toContain('"http://me:*******@host/v1", key: **********, model: 7')
    expect(JSON.stringify([message, hint, details])).not.toMatch(/hunter/)
  })
})

/** Another thing that is wrong because of the first one, as a chunking that is missing now. */
const isFollowUp = (problem: string): boolean =>
  /there is none|there is pseudo-s1|there is no translator line pseudo;/.test(problem)

describe('loadPipeline', () => {
  it('says that there is no such file and how to write one', async () => {
    await expect(loadPipeline(join(folder, 'none.yaml'), {})).rejects.toMatchObject({
      code: 'missing_file',
      message: expect.stringMatching(/none\.yaml: there is no such file$/),
      hint: expect.stringContaining('kalam init <data file>'),
    })
    await expect(loadPipeline(folder, {})).rejects.toMatchObject({ code: 'missing_file' })
  })

  it('looks for files beside the pipeline', async () => {
    writeFileSync(join(folder, 'pipeline.yaml'), sound)
    expect((await loadPipeline(join(folder, 'pipeline.yaml'), {})).base).toBe(folder)
  })
})

describe('the schema', () => {
  it('describes every key', () => {
    const undescribed: string[] = []
    const visit = (shape: Shape, path: string) => {
      for (const [key, inner] of Object.entries(shape.properties ?? {})) {
        if (!inner.description) undescribed.push(`${path}.${key}`)
        visit(inner, `${path}.${key}`)
      }
      if (shape.items) visit(shape.items, `${path}[]`)
      if (typeof shape.additionalProperties === 'object') visit(shape.additionalProperties, `${path}.*`)
      for (const one of [...(shape.anyOf ?? []), ...(shape.oneOf ?? [])]) visit(one, path)
    }
    visit(configJsonSchema(), '')
    expect(undescribed).toEqual([])
  })
})
