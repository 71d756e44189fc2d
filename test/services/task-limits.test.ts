import { expect, it } from 'vitest'
import { processLimits, taskLimits } from '../../services/task-limits.ts'

it('shares what a process may hold over any number of tasks', () => {
  for (const [tasks, calling] of [
    [14, 2],
    [56, 8],
    [336, 48],
    [1400, 96],
  ] as const) {
    const { readBytes, compute, calls } = taskLimits({ tasks, calling })
    expect(readBytes * tasks).toBeLessThanOrEqual(Math.max(processLimits.readBytes, 64 * 1024 * tasks))
    const windows = compute.windowBytes * tasks + calls.windowBytes * calling
    expect(windows).toBeLessThanOrEqual(processLimits.windowBytes + 128 * 1024 * tasks)
    expect(calls.window * calling).toBeLessThanOrEqual(Math.max(processLimits.records, 256 * calling))
  }
})

it('leaves every task enough to work with, however many there are', () => {
  const { readBytes, compute, calls } = taskLimits({ tasks: 1e6, calling: 1e6 })
  expect(readBytes).toBe(64 * 1024)
  expect(compute.windowBytes).toBe(128 * 1024)
  expect(calls).toMatchObject({ window: 256, windowBytes: 2 ** 20 })
})
