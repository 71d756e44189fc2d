import type { ControlFeed } from '../dataflow/control-feed.ts'
import { KalamError } from '../dataflow/error.ts'
import type { Log, Membership } from '../dataflow/log.ts'
import type { StageLine } from './flow.ts'

const controlPollMs = 500

/** Looks at the control topic again and again, one look at a time. */
const everySoOften = (look: () => Promise<void>): NodeJS.Timeout => {
  let isLooking = false
  return setInterval(() => {
    if (isLooking) return
    isLooking = true
    void look().finally(() => {
      isLooking = false
    })
  }, controlPollMs)
}

/** Whether the log may come back. */
const isAway = (thrown: unknown): boolean =>
  thrown instanceof KalamError && thrown.code === 'log_unavailable' && thrown.retryable

/** The lines that this process runs. */
export interface Supervision {
  /** Those that are to run by the newest state, also when they stand still, in the order of the dataflow. */
  lines(): StageLine[]
  /** Looks again at what is to run; also done by itself after each change of the control topic. */
  reconcile(): Promise<void>
  /** Rejects with the first error of a task or of the control topic. */
  readonly failed: Promise<never>
  /** Stops all tasks and waits for their end. */
  stop(): Promise<void>
}

/** What is to be supervised. */
export interface SuperviseOptions {
  log: Log
  feed: ControlFeed
  /** The stage lines of the newest state. */
  current(): StageLine[]
  /** Which of them are this process's: all of a run, one stage of a worker. */
  only(line: StageLine): boolean
  /** Whether a line is to wait for a reason of this process, such as a disk that is nearly full. */
  mustWait?(line: StageLine): boolean
  /** Told which lines run after each change. */
  onRunning?(lines: readonly StageLine[]): void
  signal: AbortSignal
}

interface Member {
  line: StageLine
  membership: Membership
}

/**
 * Runs the lines that the control topic names, and follows it: lines that appear are joined, those that are stopped, dropped or
 * paused are left. Other processes' changes are seen after half a second, own ones at once. While the log is away it goes on with
 * what it knows.
 */
export const superviseLines = async (options: SuperviseOptions): Promise<Supervision> => {
  const { log, feed, current, only, mustWait = () => false, signal } = options
  const members = new Map<string, Member>()
  let isStopped = false
  let fail: (thrown: unknown) => void = () => undefined
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  failed.catch(() => undefined)

  const leave = async ({ line, membership }: Member): Promise<void> => {
    members.delete(line.group)
    await membership.stop()
  }
  const enter = async (line: StageLine): Promise<void> => {
    const { group, inputs, output, isSingle = false, work } = line
    const membership = await log.join({
      group,
      inputs,
      ...(output !== undefined && { output }),
      single: isSingle,
      work,
    })
    const member = { line, membership }
    members.set(group, member)
    membership.done.catch((thrown) => {
      // A task that is being stopped may end with an error of the work it was stopped in.
      if (members.get(group) === member && !isStopped && !signal.aborted) fail(thrown)
    })
  }
  const lines = () => current().filter(only)
  const reconcile = async (): Promise<void> => {
    if (isStopped || signal.aborted) return
    const wanted = new Map(
      lines()
        .filter((line) => line.standsStill === undefined && !mustWait(line))
        .map((line) => [line.group, line]),
    )
    const leaving = [...members.values()].filter(({ line }) => {
      const next = wanted.get(line.group)
      return !next || next.mode !== line.mode
    })
    await Promise.all(leaving.map(leave))
    options.onRunning?.([...wanted.values()])
    for (const [group, line] of wanted) if (!members.has(group) && !isStopped && !signal.aborted) await enter(line)
  }
  let isDue = false
  /** A log that is away is asked again: nothing is decided without it. */
  const failUnlessAway = (thrown: unknown): void => {
    if (isAway(thrown)) isDue = true
    else fail(thrown)
  }
  let last: Promise<void> = Promise.resolve()
  const inTurn = (): Promise<void> => {
    last = last.then(reconcile).catch(failUnlessAway)
    return last
  }
  const forget = feed.onChange(inTurn)
  const poll = async (): Promise<void> => {
    await feed.refresh()
    if (!isDue) return
    isDue = false
    await inTurn()
  }
  const timer = everySoOften(() => poll().catch(failUnlessAway))
  const supervision: Supervision = {
    lines,
    failed,
    reconcile: inTurn,
    async stop() {
      isStopped = true
      clearInterval(timer)
      forget()
      await last
      await Promise.all([...members.values()].map(leave))
    },
  }
  await inTurn()
  return supervision
}
