import * as z from 'zod'
import { defaultMaskKinds } from '../core/masking/kinds.ts'
import { prompts } from './translate/prompts/index.ts'
import { templateProblems } from './translate/prompts/template.ts'

const lineName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,60}$/, 'use letters, digits, _ and -, at most 60')
  .refine((name) => !/-[sg]\d+$/.test(name), 'must not end in -s<number> or -g<number>, which kalam appends itself')
/** Secrets stand in the environment alone. */
const secret = z.string().regex(/^\$[A-Za-z_]\w*$/, 'write $VARIABLE; the key itself stands only in the environment')
const sourceName = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,100}$/, 'use letters, digits, dot, _ and -, at most 100')
  .refine((name) => !/^\.+$/.test(name), 'must not be only dots')
const threshold = z.string('write it like ">= 0.4"').regex(/^(>=|>|<=|<)\s*-?\d+(\.\d+)?$/, 'write it like ">= 0.4"')

const columns = z.strictObject({
  messages: z
    .string()
    .regex(/\S/, 'name the column of the list of messages, or those of user and assistant instead')
    .describe('Column of the list of messages, or a path with dots as data.messages or question.0')
    .optional(),
  role: z.string().describe('Key of the role inside a message').default('role'),
  content: z
    .string()
    .describe(
      'Key of the text inside a message; a list of typed parts is joined, and tool_calls beside it come behind it as <tool_call>',
    )
    .default('content'),
  id: z
    .string()
    .describe("Column of the row's own id, unique in its split; without it a row is known by its position")
    .optional(),
  roles: z
    .record(z.string(), z.enum(['system', 'user', 'assistant', 'tool']))
    .describe('Role names of this source and what they stand for, as { human: user }')
    .default({}),
  user: z
    .string()
    .describe(
      'Column of the question, for rows that are one question and one answer; after the messages if there are both',
    )
    .optional(),
  context: z
    .string()
    .describe(
      'Column of a text that the question is about, as input in alpaca rows; it is put behind the question after an empty line; absent, null or empty is none',
    )
    .optional(),
  assistant: z
    .string()
    .describe('Column of the answer: a text, or a message as in dpo rows; after the messages if there are both')
    .optional(),
  think: z
    .string()
    .describe('Column of the reasoning; it is put in front of the answer as <think>; null or empty is none')
    .optional(),
  system: z.string().describe('Column of the system prompt; absent, null or empty is none').optional(),
  tools: z
    .string()
    .describe('Column of the tool schemas; they go into chat_template_kwargs.xml_tools; absent, null or empty is none')
    .optional(),
})

/** One entry of `sources`. */
export const sourceSchema = z.strictObject({
  name: sourceName.describe('Part of every id; a new revision of the data is a new name'),
  kind: z.enum(['files']).describe('Where rows come from').default('files'),
  path: z
    .string()
    .describe(
      'A file, a folder or a pattern with *, relative to pipeline.yaml: .jsonl, .ndjson, either with .gz, or .parquet. Files of lines may grow, and nothing else of them may change; exports of kalam below a folder are left out',
    ),
  split: sourceName
    .describe(
      "Split of every row; without it the row's column split, else the file's name without extensions and shard number",
    )
    .optional(),
  columns: columns.describe('How rows map to conversations; without it the smoltalk2 shape is read').optional(),
  language: z.string().describe('Language of the text').default('en'),
})

const chunking = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('tokens').describe('Cuts by tokens, at the best place near the target'),
    target: z.int().min(16).describe('Tokens that a chunk should have').default(490),
    window: z.int().min(0).describe('How far from the target a cut may be, in tokens').default(50),
    limit: z.int().min(32).describe('Tokens of prompt and chunk together').default(512),
    tokenizer: z.string().describe('llama3.1, or the path of a tokenizer.json').default('llama3.1'),
    safety: z
      .number()
      .gt(0)
      .max(1)
      .describe(
        "Factor on target, window and limit, for counts by another tokenizer than the translator's; without it 0.8 for llama3.1, else 1",
      )
      .optional(),
  }),
  z.strictObject({
    by: z.literal('lines').describe('Cuts by lines'),
    count: z.int().min(1).describe('Lines that a chunk has at most').default(25),
    limit: z.int().min(32).describe('Most tokens of a chunk').default(4000),
    tokenizer: z.string().describe('llama3.1, or the path of a tokenizer.json').default('llama3.1'),
  }),
])

const promptNames = Object.keys(prompts) as (keyof typeof prompts)[]
const promptTemplate = z.strictObject({
  template: z
    .string()
    .superRefine((template, context) => {
      for (const message of templateProblems(template)) context.addIssue({ code: 'custom', message })
    })
    .describe(
      'The prompt, with {text} for the segment, and {source_language}, {target_language}, {source_code}, {target_code} where it names languages',
    ),
  api: z
    .enum(['chat', 'completions'])
    .describe('chat sends it as one turn of the user, completions as a text to go on with')
    .default('chat'),
  stop: z.array(z.string().min(1)).max(4).describe('Texts that end an answer, at most 4').default([]),
  parse: z
    .enum(['trim', 'after_think'])
    .describe('What the translation is: the whole answer, or what stands behind </think>')
    .default('trim'),
})

const splits = z.strictObject({
  only: z.array(z.string()).describe('Only these splits; * matches anything').optional(),
  except: z.array(z.string()).describe('All splits but these; * matches anything').optional(),
})
const translatorCommon = {
  chunking: lineName.describe('Which chunking this translator reads'),
  splits: splits.describe('Splits it translates, all by default').default({}),
}
const masking = z
  .strictObject({
    kinds: z
      .array(z.enum(defaultMaskKinds))
      .describe('Kinds of spans that are not translated; without it all')
      .optional(),
    terms: z.array(z.string().min(1)).describe('Words that stay as they are, by letters and case').default([]),
  })
  .describe('What is taken out of a text before the call and put back behind it')
  .default({ terms: [] })
const checks = z
  .record(z.string(), z.enum(['retry', 'split', 'flag', 'fail', 'off']))
  .describe('What is done about a finding in an answer instead of what docs/answers.md says, by reason')
  .default({})
const rates = z
  .strictObject({
    requests_per_minute: z.number().gt(0).describe('Calls per minute that the provider allows').optional(),
    tokens_per_minute: z.number().gt(0).describe('Tokens of prompts and answers per minute that it allows').optional(),
    requests_per_day: z
      .int()
      .min(1)
      .describe('Calls per day of UTC that it allows; counted in the state folder, so that it holds over restarts')
      .optional(),
  })
  .describe('What the provider allows; one process, the one that began first, then makes all calls of such translators')
  .default({})
const budget = z
  .strictObject({
    usd: z.number().gt(0).describe('Dollars').optional(),
    tokens: z.int().min(1).describe('Tokens of prompts and answers together').optional(),
    calls: z.int().min(1).describe('Answered calls').optional(),
    per_call: z
      .strictObject({
        usd: z.number().gt(0).describe('Dollars').optional(),
        tokens: z.int().min(1).describe('Tokens of its prompt and answer together').optional(),
      })
      .describe('The most that one call can take, set aside before each; for what price and server do not tell')
      .optional(),
  })
  .describe('What the translator and its samples may spend in all; then the line stops, and all others go on')
  .default({})
const price = z
  .strictObject({
    prompt: z.number().min(0).describe('Dollars per million tokens of prompts'),
    completion: z.number().min(0).describe('Dollars per million tokens of answers'),
  })
  .describe('For servers that do not tell what a call costs, and for the most that one can cost')
  .optional()
const slots = (most: number) =>
  z.int().min(1).max(4096).describe('Calls at once; translators of the same endpoint share them').default(most)
/** What all translators have that calls are made to. */
const calledCommon = {
  samples: z
    .int()
    .min(1)
    .max(16)
    .describe('Translations of each conversation; the lines are name, name-s1, …')
    .default(1),
  timeout_s: z.number().gt(0).describe('Seconds until a call counts as failed').default(120),
  rates,
  budget,
  price,
  masking,
  checks,
  attempts: z.int().min(1).max(20).describe('Tries of one segment before it counts as failed').default(5),
  ...translatorCommon,
}
const translator = z.discriminatedUnion('backend', [
  z.strictObject({
    backend: z.literal('recorded').describe('Answers from a file; calls nothing'),
    file: z.string().describe('JSONL of {"source", "target"}, relative to pipeline.yaml'),
    system: z.string().describe('Only lines whose "system" is this').optional(),
    ...translatorCommon,
  }),
  z.strictObject({
    backend: z.literal('pseudo').describe('Made-up Arabic, to try a pipeline without a server'),
    ...translatorCommon,
  }),
  z.strictObject({
    backend: z.literal('openai').describe('Any server with the OpenAI API: vLLM, OpenRouter, Ollama and others'),
    url: z.string().describe('Base URL, or $VARIABLE; several by comma'),
    api: z
      .enum(['chat', 'completions'])
      .describe('chat for instruction models, completions for raw ones')
      .default('chat'),
    model: z.string().describe("The model's name at the server"),
    key: secret.describe('$VARIABLE that holds the key').optional(),
    prompt: z
      .union([z.enum(promptNames), promptTemplate])
      .describe('How a segment is put to the model: the name of a prompt, or a template of your own')
      .default('instruct'),
    sampling: z
      .strictObject({
        temperature: z.number().min(0).max(2).describe('0 gives the same answer every time').default(0),
        max_tokens: z.int().min(1).describe('Most tokens of an answer').optional(),
      })
      .describe('How answers are drawn')
      .default({ temperature: 0 }),
    slots: slots(64),
    extra: z
      .record(z.string(), z.json())
      .describe(
        'Further fields of every request, as they are; OpenRouter gets provider.data_collection: deny if it is not set',
      )
      .default({}),
    ...calledCommon,
  }),
  z.strictObject({
    backend: z.literal('exec').describe('A program of your own, told and telling lines of JSON'),
    command: z
      .array(z.string().min(1))
      .min(1)
      .describe("The program and its arguments; it runs in pipeline.yaml's folder"),
    pass: z
      .array(z.string().regex(/^[A-Za-z_]\w*$/, 'write the name of a variable'))
      .describe('Variables that the program gets besides PATH, HOME and LANG')
      .default([]),
    version: z
      .string()
      .describe('Raise it when the program answers otherwise; an edit of a file in command counts by itself')
      .default('1'),
    start_timeout_s: z.number().gt(0).describe('Seconds until the first answer of the started program').default(300),
    slots: slots(8),
    ...calledCommon,
  }),
  z.strictObject({
    backend: z.literal('module').describe('A JavaScript module of your own; backend: ./mine.mjs says the same'),
    module: z.string().describe('The module, relative to pipeline.yaml; it exports translator'),
    options: z.record(z.string(), z.json()).describe('What the module gets').default({}),
    slots: slots(8),
    ...calledCommon,
  }),
])

const keep = z.strictObject({
  complete: z.boolean().describe('Whether every chunk must be translated').default(true),
  lr: threshold.describe('Length ratio over the translated parts, 0 to 1, as ">= 0.4"').optional(),
  scr: threshold.describe('Share of Arabic script over the translated parts, 0 to 1, as ">= 0.8"').optional(),
  metrics: z.record(z.string(), threshold).describe('Any other metric by name, with its threshold').default({}),
})
const ranking = z.strictObject({
  candidates: z
    .array(z.string())
    .min(1)
    .describe('Translator lines to choose from: names of translators, and name-s1, … of their samples'),
  weights: z
    .record(z.string(), z.number())
    .refine((weights) => Object.values(weights).some((weight) => weight !== 0), 'must have a weight that is not 0')
    .describe('Weights of the score by metric; below 0 less is better')
    .default({ lr: 0.5, scr: 0.5 }),
  keep: keep
    .describe(
      'What the winner must pass; a metric that does not apply passes. As a whole it defaults to lr >= 0.4 and scr >= 0.8; written down, it is what it says',
    )
    .default({ complete: true, lr: '>= 0.4', scr: '>= 0.8', metrics: {} }),
})

const kafka = z
  .strictObject({
    brokers: z
      .array(z.string())
      .min(1)
      .describe('Addresses to begin with, each with its port, as kafka:9092; also $VARIABLE, several by comma'),
    registry: z.string().describe('Base URL of a Schema Registry with the Confluent API, or $VARIABLE'),
    replication: z.int().min(1).max(9).describe('Copies of every topic').default(3),
    min_insync: z.int().min(1).max(9).describe('Copies that must have a record before it counts as written').default(2),
    session_timeout_s: z
      .number()
      .min(1)
      .max(300)
      .describe('Seconds without a sign of life until a worker counts as dead and others take its partitions')
      .default(15),
  })
  .describe('A Kafka cluster; its users and certificates stand in the environment (KALAM_KAFKA_…)')

const clickhouse = z.strictObject({
  url: z.string().describe('A ClickHouse server over HTTP, or $VARIABLE'),
  username: z.string().describe('Its user; default without it').optional(),
  password: secret.describe('$VARIABLE that holds the password').optional(),
  database: z.string().describe('Database of the tables').default('kalam'),
})

/** `pipeline.yaml`: the one description of a pipeline, from which parsing, defaults, docs and editor schema come. */
export const pipelineSchema = z.strictObject({
  pipeline: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'use a-z, 0-9 and -, at most 40')
    .describe('Name of the pipeline; its topics begin with it'),
  partitions: z
    .int()
    .min(1)
    .max(1024)
    .describe('Partitions of every topic; fixed for the life of the pipeline')
    .default(4),
  target: z
    .strictObject({
      language: z.string().describe('Language code').default('ar'),
      variety: z.string().describe('Variety of the language; msa is Modern Standard Arabic').default('msa'),
      script: z.string().describe('Script code of ISO 15924').default('Arab'),
    })
    .describe('What is translated into')
    .default({ language: 'ar', variety: 'msa', script: 'Arab' }),
  state: z.string().describe('State folder, relative to pipeline.yaml').default('.kalam'),
  out: z.string().describe('Folder of exports and reports, relative to pipeline.yaml').default('out'),
  log: z
    .union([z.literal('embedded'), z.strictObject({ kafka })])
    .describe('Where the topics are: in the state folder, or a Kafka cluster')
    .default('embedded'),
  warehouse: z
    .union([z.literal('embedded'), clickhouse])
    .describe('Where the tables are: in the state folder, or a ClickHouse server')
    .default('embedded'),
  memory: z
    .union([z.literal('embedded'), clickhouse])
    .describe(
      'Where answers are remembered: in the state folder, or there and on a ClickHouse server that machines and pipelines share',
    )
    .default('embedded'),
  limits: z
    .strictObject({
      conversation_bytes: z
        .int()
        .min(1024)
        .max(8 * 2 ** 20)
        .describe('UTF-8 bytes of all contents of a conversation; a larger one is the bad row too_large')
        .default(4 * 2 ** 20),
      min_free: z
        .string('write it like "5 GiB" or "10 %"')
        .regex(/^\d+(\.\d+)?\s*(%|[KMGT]iB)$/, 'write it like "5 GiB" or "10 %"')
        .describe(
          'Free space of the state folder, as "5 GiB" or "10 %": with less, sources wait; with less than half of it, translators too',
        )
        .default('256 MiB'),
    })
    .describe('How large things may be')
    .default({ conversation_bytes: 4 * 2 ** 20, min_free: '256 MiB' }),
  sources: z.array(sourceSchema).min(1).describe('Datasets to translate'),
  chunkings: z.record(lineName, chunking).describe('Ways to cut messages into chunks, by name'),
  translators: z.record(lineName, translator).describe('Translators by name; every one is a line of its own'),
  rankings: z.record(lineName, ranking).describe('Ways to choose the best candidate, by name'),
})

/** A checked pipeline with its defaults filled in. */
export type PipelineConfig = z.output<typeof pipelineSchema>
/** Settings of a Kafka cluster. */
export type KafkaConfig = z.output<typeof kafka>
/** A ClickHouse server. */
export type ClickhouseConfig = z.output<typeof clickhouse>
/** One entry of `sources`. */
export type SourceConfig = PipelineConfig['sources'][number]
/** One entry of `chunkings`. */
export type ChunkingConfig = PipelineConfig['chunkings'][string]
/** One entry of `translators`. */
export type TranslatorConfig = PipelineConfig['translators'][string]
/** Settings of translators that calls are made to. */
export type CalledConfig = Extract<TranslatorConfig, { slots: number }>
/** One entry of `rankings`. */
export type RankingConfig = PipelineConfig['rankings'][string]
