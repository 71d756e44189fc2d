import { resolve } from 'node:path'
import { formatNumber, formatUsd } from '../../core/report/format.ts'
import { liveGeneration } from '../../dataflow/control.ts'
import { KalamError } from '../../dataflow/error.ts'
import { partitionOf } from '../../dataflow/place.ts'
import type { PipelineConfig, TranslatorConfig } from '../../services/config.ts'
import { topicOf } from '../../services/generations.ts'
import { loadPipeline } from '../../services/load-config.ts'
import { nearName } from '../../services/near-name.ts'
import { configuredLines } from '../../services/report/configured-lines.ts'
import type { TranslatorLine } from '../../services/translate/open-translator.ts'
import { type Trial, type TrialPlace, type TrialStep, tryText } from '../../services/translate/trial.ts'
import { onlyRemembered } from '../../services/translate/with-memory.ts'
import type { Io } from '../io.ts'
import type { OpenedTranslation } from '../open-translation.ts'
import { withPatience } from '../patience.ts'
import type { WithPipeline, WithTranslation } from '../program.ts'
import type { OpenedPipeline } from '../workspace.ts'

/** Options of `kalam try`. */
export interface TryOptions {
  pipeline: string
  /** Shows the request, and what the memory answers to it; calls nothing. */
  dry: boolean
  json: boolean
}

const idPattern = /^[^\s/]+\/[^\s/]+\/[^\s/#]+(#\d+)?$/

/** A text or a conversation, and the translator it is put to. */
interface Wanted {
  name: string
  what: string
  options: TryOptions
}

/**
 * `kalam try <translator> "text"|<id>`: the exact request, the raw answer, what the checks say and the result. What is paid for goes
 * into the memory, and what is there is not paid for again. The translator is as pipeline.yaml has it now, also beside a run, whose
 * slots and limits it then shares. Where a run would wait for ever it is an error.
 */
export const tryCommand = async (
  wanted: Wanted,
  { io, openPipeline, withTranslation }: { io: Io; openPipeline: WithPipeline; withTranslation: WithTranslation },
): Promise<number> => {
  const { what, options } = wanted
  const path = resolve(io.cwd, options.pipeline)
  const { config } = await loadPipeline(path, io.env, { sources: false, calls: !options.dry })
  if (idPattern.test(what)) {
    return openPipeline(options.pipeline, async (opened, to) => {
      const line = await lineIn(opened, config, wanted)
      return tryTexts(await textsOf(opened, line, what), { line, config, options }, to)
    })
  }
  return withTranslation(options.pipeline, async (opened, to) => {
    const line = await lineIn(opened, config, wanted)
    const place = { id: 'try', messageIndex: 0, language: config.sources[0]?.language ?? 'en' }
    return tryTexts([{ text: what, place }], { line, config, options }, to)
  })
}

const tryTexts = async (
  texts: readonly PlacedText[],
  about: { line: TranslatorLine; config: PipelineConfig; options: TryOptions },
  io: Io,
): Promise<number> => {
  const { line, config, options } = about
  const trials: Trial[] = []
  const settings = configuredLines(config).find((one) => one.line === line.line)?.settings
  for (const { text, place } of texts) {
    const tried = await withPatience(line, patienceMs(settings), (patient, signal) =>
      tryText({ ...patient, target: config.target.language }, text, { place, dry: options.dry, signal }),
    )
    trials.push(tried)
    if (tried.stopped !== undefined) break
  }
  print(trials, options, io)
  const stopped = trials.at(-1)?.stopped
  if (stopped !== undefined) throw stopped
  return trials.some(({ outcome }) => outcome?.reason) ? 1 : 0
}

/** What repeats of a call may take, besides the last one. */
const repeatsMs = 30_000

const patienceMs = (settings: TranslatorConfig | undefined): number =>
  repeatsMs + (settings && 'timeout_s' in settings ? settings.timeout_s * 1000 : 0)

interface PlacedText {
  text: string
  place: TrialPlace
}

/** What of a conversation, or of one of its messages, is to be translated. */
const textsOf = async (
  { config, log, codec, control }: OpenedPipeline,
  { chunking, line: name }: TranslatorLine,
  what: string,
): Promise<PlacedText[]> => {
  const [id = '', message] = what.split('#')
  const live = liveGeneration(control, 'chunk', chunking)
  if (!live) throw new KalamError('not_found', `trying ${what}: ${chunking} was never built`, { hint: 'kalam run' })
  const topic = topicOf(config.pipeline, { stage: 'chunk', line: chunking, generation: live.generation })
  const partition = partitionOf(id, config.partitions)
  const texts: PlacedText[] = []
  const language = config.sources.find((source) => source.name === id.split('/')[0])?.language ?? 'en'
  const end = (await log.ends(topic))[partition] ?? 0
  for await (const records of log.scan(topic, partition, 0, end)) {
    for (const record of records.filter(({ key }) => key === id)) {
      const chunk = await codec.decode('Chunk', record.value)
      if (chunk.kind !== 'translate' || (message !== undefined && chunk.message_index !== Number(message))) continue
      texts.push({ text: chunk.text, place: { id, messageIndex: chunk.message_index, language } })
    }
  }
  if (texts.length === 0)
    throw new KalamError('not_found', `trying ${what}: nothing of it is to be translated by ${name}`, {
      hint: `kalam why ${id}   tells what became of it.`,
    })
  return texts
}

const lineIn = async (
  { translators, memory }: OpenedTranslation,
  config: PipelineConfig,
  { name, options }: Wanted,
): Promise<TranslatorLine> => {
  await translators.load(config)
  const line = lineOf(translators.lines(config), name)
  return options.dry ? { ...line, translator: onlyRemembered(line.translator, memory) } : line
}

const lineOf = (lines: TranslatorLine[], name: string): TranslatorLine => {
  const line = lines.find((one) => one.line === name)
  if (line) return line
  const names = lines.map((one) => one.line)
  const near = nearName(name, names)
  throw new KalamError('not_found', `trying ${name}: pipeline.yaml has no such translator`, {
    hint: near === undefined ? `There is ${names.join(', ')}.` : `Did you mean ${near}?`,
  })
}

const print = (trials: readonly Trial[], { json }: TryOptions, io: Io): void => {
  io.out(
    json
      ? trials.map(({ stopped: _, ...trial }) => `${JSON.stringify(trial)}\n`).join('')
      : trials.map(trialText).join('\n'),
  )
}

const trialText = ({ text, spans, masked, steps, outcome }: Trial): string =>
  [
    section('text', text),
    ...(spans.length > 0
      ? [
          section('kept back', spans.map((span) => `${span.kind}  ${span.text}`).join('\n')),
          section('goes out', masked),
        ]
      : []),
    ...(steps.length === 0 ? ['nothing of it is to be translated: it stays as it is\n'] : []),
    ...steps.flatMap(stepText),
    ...(outcome ? [outcomeText(outcome)] : []),
  ].join('\n')

const stepText = ({ attempt, request, answer, findings, error }: TrialStep): string[] => [
  section(`request, attempt ${attempt}`, pretty(request)),
  ...(answer ? [section(`answer, ${usageText(answer)}`, answer.text)] : []),
  ...(error === undefined ? [] : [section('error', error)]),
  ...(answer || error !== undefined ? [] : ['not asked yet: the memory has no answer to it\n']),
  ...(findings.length > 0
    ? [section('checks', findings.map(({ reason, policy }) => `${reason}: ${policy}`).join('\n'))]
    : answer
      ? ['checks: nothing found\n']
      : []),
]

const usageText = ({ usage, fromMemory }: NonNullable<TrialStep['answer']>): string => {
  if (fromMemory) return 'from the memory'
  const { prompt_tokens, completion_tokens, latency_ms, cost_usd, finish_reason } = usage
  const price = cost_usd === null ? 'price not known' : formatUsd(cost_usd)
  return `${formatNumber(prompt_tokens)} + ${formatNumber(completion_tokens)} tokens, ${(latency_ms / 1000).toFixed(2)} s, ${price}, ${finish_reason || 'no finish reason'}`
}

const outcomeText = ({ text, reason, flags }: NonNullable<Trial['outcome']>): string =>
  text === undefined
    ? `failed: ${reason}\n`
    : section(flags.length > 0 ? `result, flagged ${flags.join(', ')}` : 'result', text)

const section = (title: string, body: string): string => `${title}\n${body.replace(/^/gm, '  ')}\n`

const pretty = (request: string): string => {
  try {
    return JSON.stringify(JSON.parse(request), undefined, 2)
  } catch {
    return request
  }
}
