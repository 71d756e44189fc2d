import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlFeed } from '../dataflow/control-feed.ts'
import type { Log } from '../dataflow/log.ts'
import type { StageLine } from './flow.ts'
import { isThrough, stalledTopics } from './line-progress.ts'
import { type SuperviseOptions, type Supervision, superviseLines } from './supervise-lines.ts'

/** What a run needs. */
export interface RunPipelineOptions extends Omit<SuperviseOptions, 'only'> {
  log: Log
  feed: ControlFeed
  /** Reads the sources to their end; with `follow` they never end. */
  ingest(signal: AbortSignal): Promise<void>
  /** Told when only landing is left to be done. */
  onlyLanding?(): void
  /** Given what runs, as soon as it does. */
  onStart?(supervision: Supervision): void
}

/**
 * Runs sources and stages until everything that came in has gone through all lines that do not pause, or the signal is aborted.
 * Rejects with the first error of any of them, after all have stopped.
 */
export const runPipeline = async (options: RunPipelineOptions): Promise<void> => {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const supervision = await superviseLines({ ...options, signal, only: () => true })
  options.onStart?.(supervision)
  let failure: { thrown: unknown } | undefined
  const fail = (thrown: unknown) => {
    failure ??= { thrown }
    stop.abort()
  }
  supervision.failed.catch(fail)
  try {
    await options.ingest(signal)
    await allThrough(options, supervision, signal)
  } catch (thrown) {
    fail(thrown)
  } finally {
    await supervision.stop()
  }
  if (failure) throw failure.thrown
}

const pollMs = 25

/** Upstream first: once a line is through, nothing more can come to those behind it, unless the control topic changes. */
const allThrough = async (
  { log, feed, onlyLanding }: RunPipelineOptions,
  supervision: Supervision,
  signal: AbortSignal,
): Promise<void> => {
  let before: number
  do {
    before = feed.version
    const isLanding = ({ stage }: StageLine) => stage === 'land'
    for (const line of supervision.lines().filter((one) => !isLanding(one)))
      await through(log, line, supervision, signal)
    onlyLanding?.()
    for (const line of supervision.lines().filter(isLanding)) await through(log, line, supervision, signal)
    if (!signal.aborted) await feed.refresh()
  } while (feed.version !== before && !signal.aborted)
}

/** How long a line stands still until it counts: what it has finished is committed by then. */
const standsMs = 1000

/** A line that waits for somebody's help does no more by itself. */
const withStand = (line: StageLine): StageLine =>
  line.standsStill === undefined && (line.stand?.sinceMs ?? 0) > standsMs ? { ...line, standsStill: 'stopped' } : line

const through = async (
  log: Log,
  { group }: StageLine,
  supervision: Supervision,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const lines = supervision.lines().map(withStand)
    const line = lines.find((one) => one.group === group)
    // It was stopped or dropped meanwhile.
    if (!line || (await isThrough(log, line, stalledTopics(lines)))) return
    await sleep(pollMs)
  }
}
