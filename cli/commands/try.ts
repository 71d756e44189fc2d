import { formatNumber, formatUsd } from '../../core/report/format.ts'
import { liveGeneration } from '../../dataflow/control.ts'
import { KalamError } from '../../dataflow/error.ts'
import { partitionOf } from '../../dataflow/place.ts'
import { topicOf } from '../../services/generations.ts'
import { loadPipeline } from '../../services/load-config.ts'
import { nearName } from '../../services/near-name.ts'
import { lmdbMemory } from '../../services/translate/lmdb-memory.ts'
import { type TranslatorLine, translatorOpener } from '../../services/translate/open-translator.ts'
import { type Trial, type TrialPlace, type TrialStep, tryText } from '../../services/translate/trial.ts'
import type { Io } from '../io.ts'
import { silenceLmdb } from '../lmdb-noise.ts'
import type { WithWorkspace } from '../program.ts'
import { type TryPatience, tryPatience } from '../try-patience.ts'
import { type Workspace, workspaceFolders } from '../workspace.ts'

/** Options of `kalam try`. */
export interface TryOptions {
  pipeline: string
  /** Shows the request and calls nothing. */
  dry: boolean
  json: boolean
}

const idPattern = /^[^\s/]+\/[^\s/]+\/[^\s/#]+(#\d+)?$/

/**
 * `kalam try <translator> "text"|<id>`: the exact request, the raw answer, what the checks say and the result. What is paid for goes
 * into the memory, and what is there is not paid for again.
 */
export const tryCommand = (
  name: string,
  what: string,
  options: TryOptions,
  { io, withWorkspace }: { io: Io; withWorkspace: WithWorkspace },
): Promise<number> =>
  idPattern.test(what)
    ? withWorkspace(options.pipeline, (workspace, to) => tryConversation(workspace, name, what, options, to))
    : tryOwnText(name, what, options, io)

const tryOwnText = async (name: string, text: string, options: TryOptions, io: Io): Promise<number> => {
  const { config, base } = await loadPipeline(options.pipeline, io.env)
  silenceLmdb()
  const { memoryFolder } = workspaceFolders(base, config)
  const memory = lmdbMemory({ folder: memoryFolder })
  const patience = tryPatience()
  const translators = translatorOpener({ base, env: io.env, memory, now: Date.now, onWait: patience.onWait })
  try {
    await translators.load(config)
    const line = lineOf(translators.lines(config), name)
    const place = { id: 'try', messageIndex: 0, language: config.sources[0]?.language ?? 'en' }
    const trial = await trying({ ...line, target: config.target.language }, text, { place, dry: options.dry, patience })
    print([trial], options, io)
    return trial.outcome?.reason ? 1 : 0
  } finally {
    await translators.close()
    await memory.close()
  }
}

const tryConversation = async (
  { config, translators, log, codec, control }: Workspace,
  name: string,
  what: string,
  options: TryOptions,
  io: Io,
): Promise<number> => {
  const line = lineOf(translators.lines(config), name)
  const [id = '', message] = what.split('#')
  const live = liveGeneration(control, 'chunk', line.chunking)
  if (!live)
    throw new KalamError('not_found', `trying ${what}: ${line.chunking} was never built`, { hint: 'kalam run' })
  const topic = topicOf(config.pipeline, { stage: 'chunk', line: line.chunking, generation: live.generation })
  const partition = partitionOf(id, config.partitions)
  const trials: Trial[] = []
  const patience = tryPatience()
  const language = config.sources.find((source) => source.name === id.split('/')[0])?.language ?? 'en'
  const end = (await log.ends(topic))[partition] ?? 0
  for await (const records of log.scan(topic, partition, 0, end)) {
    for (const record of records.filter(({ key }) => key === id)) {
      const chunk = await codec.decode('Chunk', record.value)
      if (chunk.kind !== 'translate' || (message !== undefined && chunk.message_index !== Number(message))) continue
      const place = { id, messageIndex: chunk.message_index, language }
      trials.push(
        await trying({ ...line, target: config.target.language }, chunk.text, { place, dry: options.dry, patience }),
      )
    }
  }
  if (trials.length === 0)
    throw new KalamError('not_found', `trying ${what}: nothing of it is to be translated by ${name}`, {
      hint: `kalam why ${id}   tells what became of it.`,
    })
  print(trials, options, io)
  return trials.some(({ outcome }) => outcome?.reason) ? 1 : 0
}

const trying = (
  line: TranslatorLine & { target: string },
  text: string,
  { place, dry, patience }: { place: TrialPlace; dry: boolean; patience: TryPatience },
): Promise<Trial> => patience.during(line, (signal) => tryText(line, text, { place, dry, signal }))

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
  io.out(json ? trials.map((trial) => `${JSON.stringify(trial)}\n`).join('') : trials.map(trialText).join('\n'))
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
