import type { Task } from '../log.ts'
import { gate } from './gate.ts'
import { orderedWindow, type Unit } from './ordered-window.ts'
import { twoLoops } from './two-loops.ts'

/** How much runs at once and how much goes into one commit. */
export interface Limits {
  /** Units under way, finished but not committed ones included. */
  window: number
  windowBytes: number
  commitRecords: number
  /** Longest time that a finished unit waits for company. */
  commitMs: number
}

/** The longest that a commit waits for company because the one before took long. */
const longestPauseMs = 1000

/** Limits of stages that only compute. */
export const computeLimits: Limits = { window: 256, windowBytes: 16 * 2 ** 20, commitRecords: 1000, commitMs: 50 }

/** Where the units of a task come from. */
export interface UnitSource {
  /** The next unit, at once where nothing has to be waited for; undefined when the task's signal is aborted. */
  next(): Unit | undefined | Promise<Unit | undefined>
  /** Whether next would give one at once. */
  ready(): boolean
}

/**
 * Runs units in a bounded window and commits the finished prefix in input order, in batches.
 * Ends when the task's signal is aborted; what is not committed then is done again by the next owner.
 */
export const runOrdered = async (task: Task, limits: Limits, source: UnitSource): Promise<void> => {
  const work = gate(task.signal)
  const room = gate(task.signal)
  let ended = false
  const loops = twoLoops(task.signal, () => {
    work.open()
    room.open()
  })
  const window = orderedWindow({ headFinished: work.open, failed: loops.fail })
  task.showWindow?.(window)
  const full = () => window.size >= limits.window || (window.bytes >= limits.windowBytes && window.size > 0)

  const intake = async (): Promise<void> => {
    while (loops.goOn()) {
      if (full()) {
        await room.opened()
        continue
      }
      const next = source.next()
      const unit = next instanceof Promise ? await next : next
      if (!unit) break
      window.add(unit)
      work.open()
    }
    ended = true
    work.open()
  }

  const commits = async (): Promise<void> => {
    let waitUntil: number | undefined
    let pausedUntil = 0
    while (loops.goOn()) {
      const prefix = window.prefix(limits.commitRecords)
      if (prefix.units === 0) {
        if (ended) return
        await work.opened()
        continue
      }
      // A short prefix waits for company as long as more is on its way and fits, and for its turn.
      if (prefix.outputs.length < limits.commitRecords && !full()) {
        const now = performance.now()
        if (prefix.units < window.size || source.ready()) waitUntil ??= now + limits.commitMs
        const until = Math.max(waitUntil ?? 0, pausedUntil)
        if (until > now && (await work.opened(until - now))) continue
      }
      waitUntil = undefined
      const began = performance.now()
      await task.commit(prefix.outputs, prefix.positions)
      const now = performance.now()
      pausedUntil = now + Math.min(longestPauseMs, (now - began) * (task.pauseShare ?? 0))
      window.take()
      room.open()
    }
  }

  await loops.run(intake, commits)
}
