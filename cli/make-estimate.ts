import { KalamError } from '../dataflow/error.ts'
import type { PipelineConfig } from '../services/config.ts'
import { earlierRuns } from '../services/estimate/earlier-runs.ts'
import { countRequests } from '../services/estimate/estimate.ts'
import { type Estimate, estimateOf } from '../services/estimate/estimate-result.ts'
import { modelMeasures } from '../services/estimate/measures.ts'
import { storedAnswers, withShared } from '../services/estimate/stored-answers.ts'
import { filesSource } from '../services/ingest/files-source.ts'
import type { Memory } from '../services/translate/memory.ts'
import { budgetOf } from '../services/translate/open-called.ts'
import { urlsOf } from '../services/translate/open-openai.ts'
import type { TranslatorEnvironment } from '../services/translate/open-translator.ts'
import { translatorOpener } from '../services/translate/open-translator.ts'
import type { Patience } from '../services/translate/while-away.ts'
import { silenceLmdb } from './lmdb-noise.ts'
import { openShared, sharedPatienceMs, workspaceFolders } from './open-translation.ts'

/** Answers that are looked at for what a model takes. */
const measuredAnswers = 20_000

/** How an estimate is made. */
export interface EstimateOptions {
  env: NodeJS.ProcessEnv
  rows: number | 'all'
  seed: number
  gpuTokensPerSecond: number
  /** Splits of more bytes are not read to their end. */
  wholeBytes: number
  /** Translators that are of interest; all without it. */
  only?: ((name: string) => boolean) | undefined
  signal?: AbortSignal
  /** How long a shared memory that is away is waited for; 10 s by default. */
  patience?: Patience
}

/**
 * Estimates what a run of a pipeline would take. Calls nothing, writes nothing but the table of a shared memory that has none, and may
 * go on beside a run.
 */
export const makeEstimate = async (
  { config, base }: { config: PipelineConfig; base: string },
  options: EstimateOptions,
): Promise<Estimate> => {
  const { env, rows, seed, wholeBytes, gpuTokensPerSecond, only = () => true } = options
  silenceLmdb()
  const { memoryFolder, stateFolder } = workspaceFolders(base, config)
  const { signal = new AbortController().signal, patience = { mostMs: sharedPatienceMs } } = options
  const shared = openShared(config, env, patience)
  const own = storedAnswers(memoryFolder)
  const answers = shared ? withShared(own, shared) : own
  const endWait = () => void shared?.close()
  signal.addEventListener('abort', endWait)
  const translators = translatorOpener({ base, env, memory: untouched, now: Date.now })
  try {
    await translators.load(config)
    const lines = translators
      .lines(config)
      .filter(({ line, sample }) => only(sample === 0 ? line : line.replace(/-s\d+$/, '')))
    const maxLineBytes = config.limits.conversation_bytes * 4
    const counted = await countRequests({
      ...{ base, config, lines, answers, rows, seed, wholeBytes, signal },
      reader: (source) => filesSource(source, { base, maxLineBytes, follow: false }),
    })
    return estimateOf(counted, {
      ...{ config, gpuTokensPerSecond, account: answers.account },
      earlier: earlierRuns(stateFolder),
      models: modelMeasures(answers.some(measuredAnswers)),
      urls: ({ url }, name) => urlsOf(name, url, env),
      budget: (settings) => budgetOf(settings.budget),
    })
  } finally {
    signal.removeEventListener('abort', endWait)
    await translators.close()
    await answers.close()
  }
}

const refuse = (): never => {
  throw new KalamError('internal', 'estimating: a call was made')
}

/** An estimate renders requests and asks nobody, so that nothing comes into a memory. */
const untouched: TranslatorEnvironment['memory'] = {
  ...({
    get: refuse,
    put: refuse,
    count: refuse,
    entries: refuse,
    remove: refuse,
    close: async () => undefined,
  } satisfies Memory),
  keep: refuse,
  ledger: {
    ...{ reserve: refuse, free: refuse, doubt: refuse, takeOfDay: refuse },
    ...{ counted: refuse, count: refuse, account: refuse, accounts: () => [] },
  },
}
