import { resolve } from 'node:path'
import { liveGeneration } from '../../dataflow/control.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { Chunk } from '../../schemas/records.ts'
import type { PipelineConfig, TranslatorConfig } from '../../services/config.ts'
import { loadPipeline } from '../../services/load-config.ts'
import { nearName } from '../../services/near-name.ts'
import { configuredLines } from '../../services/report/configured-lines.ts'
import { orAborted } from '../../services/translate/abortable.ts'
import { conversationChunks } from '../../services/translate/conversation-chunks.ts'
import { dryChunk, type TriedChunk, tryChunk } from '../../services/translate/try-chunk.ts'
import { triedJson, tryText } from '../display/try-text.ts'
import type { Io } from '../io.ts'
import type { OpenedTranslation } from '../open-translation.ts'
import { withPatience } from '../patience.ts'
import type { WithPipeline, WithTranslation } from '../program.ts'
import type { OpenedPipeline } from '../workspace.ts'

/** Options of `kalam try`. */
export interface TryOptions {
  pipeline: string
  dry: boolean
  json: boolean
}

/** What is tried: a text, or chunks of a conversation. */
interface Wanted {
  id: string
  chunks: Chunk[]
}

/**
 * `kalam try <translator> <text | id>`: every request as it is sent, its answer as it came, what the checks said, and the result.
 * Answers go through the memory. A text needs no run before; a conversation is read from the topic of its chunks.
 */
export const tryCommand = async (
  { line, what, options }: { line: string; what: string; options: TryOptions },
  { io, withTranslation, withPipeline }: { io: Io; withTranslation: WithTranslation; withPipeline: WithPipeline },
): Promise<number> => {
  const { config } = await loadPipeline(resolve(io.cwd, options.pipeline), io.env)
  const settings = settingsOf(config, line)
  if (!isId(what, config)) {
    const wanted: Wanted = { id: `text/${line}/0`, chunks: [textChunk(what)] }
    return withTranslation(options.pipeline, (opened, to) =>
      tryAll(opened, { config, settings, line, wanted }, options, to),
    )
  }
  return withPipeline(options.pipeline, async (opened, to) => {
    const wanted = await chunksOf(opened, settings.chunking, what)
    return tryAll(opened, { config, settings, line, wanted }, options, to)
  })
}

const tryAll = async (
  opened: OpenedTranslation,
  about: { config: PipelineConfig; settings: TranslatorConfig; line: string; wanted: Wanted },
  { dry, json }: TryOptions,
  io: Io,
): Promise<number> => {
  const { config, settings, line: name, wanted } = about
  const translator = Object.entries(config.translators).find(([, one]) => one === settings)![0]
  const lines = opened.translators.lines({ ...config, translators: { [translator]: settings } })
  const line = lines.find((one) => one.line === name)!
  const shown = { name, settings, env: io.env, columns: io.columns }
  const tried: TriedChunk[] = []
  for (const chunk of wanted.chunks) {
    const one = dry
      ? await dryChunk(chunk, wanted.id, line, { get: (keys) => soon(opened.memory.get(keys)) })
      : await withPatience(line, patienceMs(settings), (timed, signal) => tryChunk(chunk, wanted.id, timed, signal))
    tried.push(one)
    if (!json) io.out(tryText(one, wanted.id, shown))
    if (one.error !== undefined) break
  }
  if (json) io.out(triedJson(tried, wanted.id, shown))
  const stopped = tried.find(({ error }) => error !== undefined)
  if (stopped) throw stopped.error
  return tried.some(({ translation }) => translation?.status === 'failed') ? 1 : 0
}

/** What repeats of a call may take, besides the last one. */
const repeatsMs = 30_000

const lookMs = 10_000

/** A run's own memory waits for its shared part for ever. */
const soon = async <Result>(look: Promise<Result>): Promise<Result> => {
  const stop = new AbortController()
  const timer = setTimeout(() => {
    const fact = `no answer within ${lookMs / 1000} s`
    stop.abort(new KalamError('warehouse_unavailable', `looking into the shared memory: ${fact}`, { retryable: true }))
  }, lookMs)
  return orAborted(look, stop.signal).finally(() => clearTimeout(timer))
}

const patienceMs = (settings: TranslatorConfig): number =>
  repeatsMs + (settings.backend === 'openai' ? settings.timeout_s * 1000 : 0)

const settingsOf = (config: PipelineConfig, line: string): TranslatorConfig => {
  const lines = configuredLines(config)
  const found = lines.find((one) => one.line === line)
  if (found) return found.settings
  const names = lines.map((one) => one.line)
  const near = nearName(line, names)
  throw new KalamError('not_found', `trying ${line}: there is no such translator`, {
    hint: `${near === undefined ? '' : `Did you mean ${near}?\n`}There is ${names.join(', ')}.`,
  })
}

/** An id begins with a source of the pipeline; everything else is a text. */
const isId = (what: string, { sources }: PipelineConfig): boolean => {
  const [source, split, row] = what.split('/')
  return !/\s/.test(what) && Boolean(split && row) && sources.some(({ name }) => name === source)
}

const textChunk = (text: string): Chunk => ({
  ...{ role: 'user', message_index: 0, message_count: 1, part_index: 0, part_type: 'text' },
  ...{ chunk_index: 0, chunk_count: 1, kind: 'translate', start: 0, text },
})

/** The chunks of a conversation, or of one of its messages: `source/split/row#3`, counted from 0. */
const chunksOf = async (opened: OpenedPipeline, chunking: string, what: string): Promise<Wanted> => {
  const { log, codec, topics, control } = opened
  const topic = topics.chunks(chunking, liveGeneration(control, 'chunk', chunking)?.generation ?? 1)
  const whole = await conversationChunks({ log, codec, topic }, what)
  if (whole.length > 0) return { id: what, chunks: whole }
  const [, id, message] = /^(.*)#(\d+)$/.exec(what) ?? []
  const chunks = id === undefined ? [] : await conversationChunks({ log, codec, topic }, id)
  const ofMessage = chunks.filter(({ message_index }) => message_index === Number(message))
  if (id !== undefined && ofMessage.length > 0) return { id, chunks: ofMessage }
  const fact =
    chunks.length > 0
      ? `it has messages 0 to ${Math.max(...chunks.map(({ message_index }) => message_index))}`
      : `no such conversation is cut into chunks of ${chunking}`
  throw new KalamError('not_found', `trying ${what}: ${fact}`, {
    hint: `An id is source/split/row, with #0 its first message.\nkalam why ${id ?? what}   tells what became of the row.`,
  })
}
