import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OutputRecord, Task } from '../../../dataflow/log.ts'
import type { Unit } from '../../../dataflow/operators/ordered-window.ts'
import { computeLimits, runOrdered } from '../../../dataflow/operators/run-ordered.ts'

const unit: Unit = { outputs: [{} as OutputRecord], positions: {}, bytes: 1 }

/** A task by hand: units come when they are given, a commit takes its time on a clock that stands still. */
const started = (options: { pauseShare?: number; commitMs: number }) => {
  const stop = new AbortController()
  const commits: number[] = []
  const waiting: Unit[] = []
  let wake: ((unit: Unit) => void) | undefined
  const task: Task = {
    ...{ partition: 0, signal: stop.signal, start: {}, pauseShare: options.pauseShare },
    read: async () => [],
    hasMore: () => false,
    async commit(outputs) {
      commits.push(outputs.length)
      await new Promise((resolve) => setTimeout(resolve, options.commitMs))
    },
  }
  const running = runOrdered(
    task,
    { ...computeLimits, commitRecords: 3 },
    {
      next: () =>
        waiting.shift() ??
        new Promise((resolve) => {
          wake = resolve
        }),
      ready: () => waiting.length > 0,
    },
  )
  return {
    commits,
    async give(count: number) {
      for (let i = 0; i < count; i++) {
        if (wake) wake(unit)
        else waiting.push(unit)
        wake = undefined
      }
      await vi.advanceTimersByTimeAsync(0)
    },
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    async end() {
      stop.abort()
      wake?.(unit)
      await vi.advanceTimersByTimeAsync(100_000)
      await running
    },
  }
}

describe('commits of a task', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('follow each other at once', async () => {
    const { commits, give, pass, end } = started({ commitMs: 100 })
    await give(1)
    expect(commits).toEqual([1])
    await give(1)
    await pass(99)
    expect(commits).toEqual([1])
    await pass(1)
    expect(commits).toEqual([1, 1])
    await end()
  })

  it('pause for as many times as long as they took where the log asks for it', async () => {
    const { commits, give, pass, end } = started({ commitMs: 100, pauseShare: 3 })
    await give(1)
    await pass(100)
    expect(commits).toEqual([1])
    await give(1)
    await pass(200)
    await give(1)
    await pass(99)
    expect(commits).toEqual([1])
    await pass(1)
    expect(commits).toEqual([1, 2])
    // Long after the pause there is nothing to wait for.
    await pass(5000)
    await give(1)
    expect(commits).toEqual([1, 2, 1])
    await end()
  })

  it('do not pause where there is a whole batch, and never for more than a second', async () => {
    const { commits, give, pass, end } = started({ commitMs: 1000, pauseShare: 3 })
    await give(1)
    await pass(1000)
    await give(3)
    expect(commits).toEqual([1, 3])
    await pass(1000)
    await give(1)
    await pass(999)
    expect(commits).toEqual([1, 3])
    await pass(1)
    expect(commits).toEqual([1, 3, 1])
    await end()
  })
})
