import { KalamError } from '../dataflow/error.ts'
import type { Log, Membership } from '../dataflow/log.ts'
import type { StageLine } from './flow.ts'

/** How far one line has come, summed over its partitions and inputs. */
export interface LineProgress {
  stage: string
  line: string
  unit: string
  committed: number
  end: number
}

/** The committed and end offsets of every line. */
export const lineProgress = async (log: Log, stages: StageLine[]): Promise<LineProgress[]> =>
  Promise.all(
    stages.map(async ({ stage, line, unit, group, inputs }) => {
      const sums = { committed: 0, end: 0 }
      for (const topic of inputs) {
        for (const end of await log.ends(topic)) sums.end += end
        for (const position of await log.committed(group, topic)) sums.committed += position ?? 0
      }
      return { stage, line, unit, ...sums }
    }),
  )

/**
 * Runs sources and stages until everything that came in has gone through all lines, or the signal is aborted.
 * Rejects with the first error of any of them, after all have stopped.
 */
export const runPipeline = async (options: {
  log: Log
  stages: StageLine[]
  /** Reads the sources to their end; with `follow` they never end. */
  ingest(signal: AbortSignal): Promise<void>
  /** Told when only landing is left to be done. */
  onlyLanding?(): void
  signal: AbortSignal
}): Promise<void> => {
  const { log, stages } = options
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const members: Membership[] = []
  let failure: { thrown: unknown } | undefined
  const fail = (thrown: unknown) => {
    failure ??= { thrown }
    stop.abort()
  }
  try {
    for (const { group, inputs, output, work } of stages) {
      const member = await log.join({ group, inputs, ...(output !== undefined && { output }), work })
      member.done.catch(fail)
      members.push(member)
    }
    await options.ingest(signal)
    // Upstream first: once a line is through, nothing more can come to those behind it.
    for (const stage of stages.filter(({ stage: kind }) => kind !== 'land')) await caughtUp(log, stage, signal)
    options.onlyLanding?.()
    for (const stage of stages.filter(({ stage: kind }) => kind === 'land')) await caughtUp(log, stage, signal)
  } catch (thrown) {
    fail(thrown)
  } finally {
    await Promise.all(members.map((member) => member.stop()))
  }
  if (failure) throw failure.thrown
}

const pollMs = 25

const caughtUp = async (log: Log, stage: StageLine, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    const [progress] = await lineProgress(log, [stage])
    if (!progress) throw new KalamError('internal', `waiting for ${stage.group}: no such line`)
    if (progress.committed >= progress.end) return
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}
