import { z } from 'zod'

const lineName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,60}$/, 'use letters, digits, _ and -, at most 60')
  .refine((name) => !/-[sg]\d+$/.test(name), 'must not end in -s<number> or -g<number>, which kalam appends itself')
const sourceName = z.string().regex(/^[A-Za-z0-9._-]+$/, 'use letters, digits, dot, _ and -')
const threshold = z.string().regex(/^(>=|>|<=|<)\s*-?\d+(\.\d+)?$/, 'write it like ">= 0.4"')

const columns = z.strictObject({
  messages: z.string().describe('Column, or path with dots, of the list of messages').optional(),
  role: z.string().describe('Key of the role inside a message').default('role'),
  content: z.string().describe('Key of the text inside a message').default('content'),
  id: z.string().describe("Column of the row's own id; without it a row is known by its position").optional(),
  roles: z
    .record(z.string(), z.enum(['system', 'user', 'assistant', 'tool']))
    .describe('Role names of this source')
    .default({}),
  user: z.string().describe('Column of the question, for rows that are one question and one answer').optional(),
  assistant: z.string().describe('Column of the answer').optional(),
  think: z.string().describe('Column of the reasoning; it is put in front of the answer as <think>').optional(),
  system: z.string().describe('Column of the system prompt').optional(),
  tools: z.string().describe('Column of the tool schemas; they go into chat_template_kwargs.xml_tools').optional(),
})

/** One entry of `sources`. */
export const sourceSchema = z.strictObject({
  name: sourceName.describe('Part of every id; a new revision of the data is a new name'),
  kind: z.enum(['files']).describe('Where rows come from').default('files'),
  path: z
    .string()
    .describe('A file, a folder or a pattern with *, relative to pipeline.yaml: .jsonl, .jsonl.gz, .parquet'),
  split: sourceName.describe("Split of every row; without it the row's split column, else the file's name").optional(),
  columns: columns.describe('How rows map to conversations; without it the smoltalk2 shape is read').optional(),
  language: z.string().describe('Language of the text').default('en'),
})

const chunking = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('tokens'),
    target: z.int().min(16).default(490),
    window: z.int().min(0).default(50),
    limit: z.int().min(32).describe('Tokens of prompt and chunk together').default(512),
    tokenizer: z.string().describe('llama3.1, or the path of a tokenizer.json').default('llama3.1'),
    safety: z
      .number()
      .gt(0)
      .max(1)
      .describe("Factor on target and limit where the translator's own tokenizer is not at hand")
      .optional(),
  }),
  z.strictObject({
    by: z.literal('lines'),
    count: z.int().min(1).default(25),
    limit: z.int().min(32).describe('Most tokens of a chunk').default(4000),
    tokenizer: z.string().default('llama3.1'),
  }),
])

const splits = z.strictObject({ only: z.array(z.string()).optional(), except: z.array(z.string()).optional() })
const translatorCommon = {
  chunking: lineName.describe('Which chunking this translator reads'),
  splits: splits.describe('Splits it translates; * matches anything').default({}),
  slots: z.int().min(1).max(4096).describe('Calls at once').optional(),
}
const translator = z.discriminatedUnion('backend', [
  z.strictObject({
    backend: z.literal('recorded'),
    file: z.string().describe('JSONL of {"source", "target"}, relative to pipeline.yaml'),
    system: z.string().describe('Only lines whose "system" is this').optional(),
    ...translatorCommon,
  }),
  z.strictObject({ backend: z.literal('pseudo'), ...translatorCommon }),
  z.strictObject({
    backend: z.literal('openai'),
    url: z.string().describe('Base URL, or $VARIABLE; several by comma'),
    api: z.enum(['chat', 'completions']).default('chat'),
    model: z.string(),
    key: z.string().describe('$VARIABLE that holds the key').optional(),
    prompt: z.enum(['instruct', 'seed-x']).default('instruct'),
    sampling: z
      .strictObject({ temperature: z.number().min(0).max(2).default(0), max_tokens: z.int().min(1).optional() })
      .default({ temperature: 0 }),
    samples: z.int().min(1).max(16).default(1),
    timeout_s: z.number().gt(0).default(120),
    attempts: z.int().min(1).max(20).describe('Tries of one segment before it counts as failed').default(5),
    ...translatorCommon,
  }),
])

const keep = z.strictObject({
  complete: z.boolean().default(true),
  lr: threshold.optional(),
  scr: threshold.optional(),
  metrics: z.record(z.string(), threshold).describe('Any other metric by name').default({}),
})
const ranking = z.strictObject({
  candidates: z.array(lineName).min(1),
  weights: z.record(z.string(), z.number()).describe('Weights of the score by metric').default({ lr: 0.5, scr: 0.5 }),
  keep: keep.describe('What the winner must pass; not applicable passes').default({ complete: true, metrics: {} }),
})

/** `pipeline.yaml`: the one description of a pipeline, from which parsing, defaults, docs and editor schema come. */
export const pipelineSchema = z.strictObject({
  pipeline: z.string().regex(/^[a-z0-9-]{1,40}$/, 'use a-z, 0-9 and -, at most 40'),
  partitions: z.int().min(1).max(1024).describe('Of every topic; fixed for the life of the pipeline').default(4),
  target: z
    .strictObject({
      language: z.string().default('ar'),
      variety: z.string().default('msa'),
      script: z.string().default('Arab'),
    })
    .default({ language: 'ar', variety: 'msa', script: 'Arab' }),
  state: z.string().describe('State folder, relative to pipeline.yaml').default('.kalam'),
  out: z.string().describe('Folder of exports and reports, relative to pipeline.yaml').default('out'),
  log: z.literal('embedded').default('embedded'),
  warehouse: z
    .union([z.literal('embedded'), z.strictObject({ url: z.string(), database: z.string().default('kalam') })])
    .default('embedded'),
  limits: z
    .strictObject({
      conversation_bytes: z
        .int()
        .min(1024)
        .max(8 * 2 ** 20)
        .default(4 * 2 ** 20),
    })
    .default({ conversation_bytes: 4 * 2 ** 20 }),
  sources: z.array(sourceSchema).min(1),
  chunkings: z.record(lineName, chunking),
  translators: z.record(lineName, translator),
  rankings: z.record(lineName, ranking),
})

/** A checked pipeline with its defaults filled in. */
export type PipelineConfig = z.output<typeof pipelineSchema>
export type SourceConfig = PipelineConfig['sources'][number]
export type ChunkingConfig = PipelineConfig['chunkings'][string]
export type TranslatorConfig = PipelineConfig['translators'][string]
export type RankingConfig = PipelineConfig['rankings'][string]
