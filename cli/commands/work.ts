import type { Logger } from 'pino'
import { KalamError } from '../../dataflow/error.ts'
import { loadPipeline } from '../../services/load-config.ts'
import { type HttpServer, serveHttp } from '../../services/observe/http-server.ts'
import { logError, logLevelOf, workerLogger } from '../../services/observe/logger.ts'
import { type Observer, observer } from '../../services/observe/observer.ts'
import type { Io } from '../io.ts'
import { version } from '../version.ts'
import { type Wanted, wantedLines, workStage, workStageOf } from '../work-stage.ts'
import { openWorkspace, type Workspace } from '../workspace.ts'

/** Options of `kalam work`, as they are written. */
export interface WorkOptions {
  line?: string
  http?: string
  stallSeconds: string
}

/** How long a process that is stuck gets to close what it has open. */
const closeMs = 5000

/** `kalam work <stage>`: one service, until it is told to stop. Returns the exit code: 0 when told, 1 when something failed. */
export const work = async (file: string, stageName: string, options: WorkOptions, io: Io): Promise<number> => {
  const wanted: Wanted = { stage: workStageOf(stageName), ...(options.line !== undefined && { line: options.line }) }
  const stallMs = wholeNumber('--stall-seconds', options.stallSeconds, 1, 86_400) * 1000
  const port = options.http ?? io.env.KALAM_HTTP_PORT
  const level = logLevelOf(io.env.KALAM_LOG_LEVEL)
  const { config } = await loadPipeline(file, io.env)
  if (config.log === 'embedded') throw needsKafka(file)
  const logger = workerLogger(level, { pipeline: config.pipeline, pid: process.pid }, { write: io.err })
  const seen = observer({ version, logger, now: () => performance.now() })
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  let server: HttpServer | undefined
  let workspace: Workspace | undefined
  try {
    if (port !== undefined && port !== '') {
      const host = io.env.KALAM_HTTP_HOST || '127.0.0.1'
      server = await serveHttp({ ...seen, port: wholeNumber('--http', port, 0, 65_535), host })
      logger.info({ event: 'listening', host, port: server.port }, `/healthz, /readyz, /metrics on port ${server.port}`)
    }
    workspace = await openWorkspace(file, { env: io.env, create: false, observers: seen })
    return await workWatched(workspace, wanted, { seen, logger, stallMs, signal: stop.signal })
  } catch (thrown) {
    if (thrown instanceof KalamError && thrown.code === 'usage') throw thrown
    logError(logger, thrown)
    return 1
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
    const closing = Promise.all([server?.close(), workspace?.close()])
    if (seen.watchdog?.stalled) exitSoon(closing)
    else await closing
  }
}

/**
 * Works on a stage and looks after it. Resolves with 0 once the signal was aborted and all is put away, with 1 after an error,
 * which is logged; a stuck task is one, and is then left as it is.
 */
export const workWatched = async (
  workspace: Workspace,
  wanted: Wanted,
  options: { seen: Observer; logger: Logger; stallMs: number; signal: AbortSignal },
): Promise<number> => {
  const { seen, logger, stallMs } = options
  const stages = wantedLines(workspace, wanted)
  const stop = new AbortController()
  const stalled = new Promise<never>((_, reject) => {
    const onStall = (error: KalamError) => {
      stop.abort()
      reject(error)
    }
    seen.watch(workspace.log, stages, { stallMs, onStall })
  })
  const signal = AbortSignal.any([options.signal, stop.signal])
  signal.addEventListener('abort', () => seen.stopping(), { once: true })
  const lines = wanted.stage === 'ingest' ? workspace.config.sources.map(({ name }) => name) : stages.map((s) => s.line)
  logger.info({ event: 'started', ...wanted, lines }, `working on ${wanted.stage}`)
  try {
    await Promise.race([workStage(workspace, wanted, signal), stalled])
    logger.info({ event: 'stopped', ...wanted }, `stopped ${wanted.stage}: everything committed is kept`)
    return 0
  } catch (thrown) {
    logError(logger, thrown)
    return 1
  } finally {
    seen.stopping()
    seen.watchdog?.stop()
  }
}

/** Ends a process in which something hangs: what can be closed is closed, then it goes, whatever is left. */
const exitSoon = (closing: Promise<unknown>): void => {
  closing.catch(() => undefined)
  setTimeout(() => process.exit(1), closeMs).unref()
}

const wholeNumber = (name: string, text: string, least: number, most: number): number => {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= least && number <= most) return number
  throw new KalamError('usage', `reading ${name}: ${JSON.stringify(text)} is no whole number from ${least} to ${most}`)
}

const needsKafka = (file: string): KalamError =>
  new KalamError('usage', `working on one stage of ${file}: its log is embedded, which belongs to one process`, {
    hint: 'kalam run does every stage in one process. For a process per stage name a Kafka cluster in pipeline.yaml:\n  log: { kafka: { brokers: [kafka:9092], registry: http://registry:8080/apis/ccompat/v7 } }',
  })
