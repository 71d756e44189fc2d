import type { Logger } from 'pino'
import { KalamError } from '../../dataflow/error.ts'
import { loadPipeline } from '../../services/load-config.ts'
import { type HttpServer, serveHttp } from '../../services/observe/http-server.ts'
import { type LogLevel, logError, logLevelOf, workerLogger } from '../../services/observe/logger.ts'
import { type Observer, observer } from '../../services/observe/observer.ts'
import type { Observers } from '../../services/observe/observers.ts'
import { ingestGroup } from '../ingest-all.ts'
import type { Io } from '../io.ts'
import { onStop } from '../stop-signals.ts'
import { version } from '../version.ts'
import {
  runningLines,
  type Wanted,
  type WorkEvent,
  wantedLines,
  wantedSources,
  workStage,
  workStageOf,
} from '../work-stage.ts'
import { openWorkspace, type Workspace } from '../workspace.ts'

/** Options of `kalam work`, as they are written. */
export interface WorkOptions {
  line?: string
  http?: string
  stallSeconds: string
}

/** How long a process that is told to stop takes at most; orchestrators kill after 30 s. */
const endMs = 12_000

/** How long a process that is stuck gets to close what it has open. */
const closeMs = 5000

/** `kalam work <stage>`: one service, until it is told to stop. Returns the exit code: 0 when told, 1 when something failed. */
export const work = async (file: string, stageName: string, options: WorkOptions, io: Io): Promise<number> => {
  const wanted: Wanted = { stage: workStageOf(stageName), ...(options.line !== undefined && { line: options.line }) }
  const settings = workSettings(options, io.env)
  const { config } = await loadPipeline(file, io.env)
  if (config.log === 'embedded') throw needsKafka(file)
  if (wanted.stage === 'land' && config.warehouse === 'embedded') throw needsServer(file)
  const open = (observers: Observers) =>
    openWorkspace(file, {
      // Edited lines are refused: what is half built would go on with other settings.
      ...{ env: io.env, create: true, waits: true, observers },
      // A stage goes on while the warehouse of another one is away.
      warehouse: wanted.stage === 'land',
    })
  return serveStage({ pipeline: config.pipeline, open, wanted, settings }, io)
}

/** Settings of a worker, read. */
export interface WorkSettings {
  level: LogLevel
  stallMs: number
  http: { port: number; host: string } | undefined
}

/** Reads the settings of a worker. KalamError usage when one is not understood. */
export const workSettings = ({ http, stallSeconds }: WorkOptions, env: NodeJS.ProcessEnv): WorkSettings => {
  const port = http ?? (env.KALAM_HTTP_PORT || undefined)
  const host = env.KALAM_HTTP_HOST || '127.0.0.1'
  return {
    level: logLevelOf(env.KALAM_LOG_LEVEL),
    stallMs: wholeNumber('--stall-seconds', stallSeconds, 1, 86_400) * 1000,
    http: port === undefined ? undefined : { port: wholeNumber('--http', port, 0, 65_535), host },
  }
}

/**
 * Opens a pipeline, works on a stage of it and serves what is to be seen of that until SIGTERM or SIGINT. Returns the
 * exit code; errors are logged, but KalamError usage is thrown.
 */
export const serveStage = async (
  what: {
    pipeline: string
    open(observers: Observers): Promise<Workspace>
    wanted: Wanted
    settings: WorkSettings
  },
  io: Pick<Io, 'err'>,
): Promise<number> => {
  const { level, stallMs, http } = what.settings
  const logger = workerLogger(level, { pipeline: what.pipeline, pid: process.pid }, { write: io.err })
  const seen = observer({ version, logger, now: () => performance.now() })
  const stop = new AbortController()
  const unlisten = onStop(() => {
    stop.abort()
    // What is committed is kept whatever becomes of the rest: a request that is never answered holds nobody up.
    setTimeout(() => {
      logger.warn({ event: 'stopped' }, `something did not end within ${endMs / 1000} s: it is left, and done again`)
      process.exit(0)
    }, endMs).unref()
  })
  let server: HttpServer | undefined
  let workspace: Workspace | undefined
  try {
    server = http && (await serveHttp({ ...seen, ...http }))
    if (server) logger.info({ event: 'listening', ...http, port: server.port }, 'serving /healthz, /readyz, /metrics')
    workspace = await what.open(seen)
    return await workWatched(workspace, what.wanted, { seen, logger, stallMs, signal: stop.signal })
  } catch (thrown) {
    if (thrown instanceof KalamError && thrown.code === 'usage') throw thrown
    logError(logger, thrown)
    return 1
  } finally {
    unlisten()
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
  const sources = wantedSources(workspace, wanted).map(({ name }) => name)
  const otherGroups = sources.map((source) => ingestGroup(workspace.config.pipeline, source))
  const stop = new AbortController()
  const stalled = new Promise<never>((_, reject) => {
    const onStall = (error: KalamError) => {
      stop.abort()
      reject(error)
    }
    seen.watch(workspace.log, () => runningLines(workspace, wanted), { stallMs, onStall, otherGroups })
  })
  const signal = AbortSignal.any([options.signal, stop.signal])
  signal.addEventListener('abort', () => seen.stopping(), { once: true })
  const lines = [...sources, ...stages.map(({ line }) => line)]
  logger.info({ event: 'started', ...wanted, lines }, `working on ${wanted.stage}`)
  try {
    const tell = (event: WorkEvent, text: string) =>
      event === 'dropped' ? logger.info({ event }, text) : logger.warn({ event }, text)
    await Promise.race([workStage(workspace, wanted, signal, tell), stalled])
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

const needsServer = (file: string): KalamError =>
  new KalamError('usage', `landing records of ${file}: its warehouse is embedded, which belongs to one process`, {
    hint: 'Name a ClickHouse server in pipeline.yaml, which status, sql and export then ask too:\n  warehouse: { url: http://clickhouse:8123, database: kalam }',
  })
