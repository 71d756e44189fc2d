import { expect, it } from 'vitest'
import type { LogRecord, Task } from '../../../dataflow/log.ts'
import { behindLive } from '../../../services/translate/behind-live.ts'

const record = (offset: number, ordinal: number): LogRecord => ({
  ...{ offset, key: `s/t/${ordinal}`, value: new Uint8Array(), timestamp: 0 },
  headers: { ordinal: String(ordinal) },
})
const taskOf = (reads: LogRecord[][], signal = new AbortController().signal): Task => ({
  ...{ partition: 0, signal, start: {} },
  read: async () => reads.shift() ?? [],
  hasMore: () => reads.length > 0,
  commit: async () => undefined,
})
const offsets = (records: LogRecord[]) => records.map(({ offset }) => offset)

it('gives records up to the place of the live one, and the others once it has moved on', async () => {
  let place = 5.5
  const task = behindLive(taskOf([[record(0, 2), record(1, 5), record(2, 6), record(3, 9)]]), async () => place)
  expect(offsets(await task.read('t', 100))).toEqual([0, 1])
  expect(task.hasMore('t')).toBe(false)
  const later = task.read('t', 100)
  place = 6
  expect(offsets(await later)).toEqual([2])
  place = 9
  expect(offsets(await task.read('t', 100))).toEqual([3])
})

it('gives everything where there is no bound', async () => {
  const task = behindLive(taskOf([[record(0, 2), record(1, 5)]]), async () => undefined)
  expect(offsets(await task.read('t', 100))).toEqual([0, 1])
})

it('waits for no place behind an abort', async () => {
  const task = behindLive(taskOf([[record(0, 2)]], AbortSignal.timeout(20)), async () => -1)
  expect(await task.read('t', 100)).toEqual([])
})

it('shows the window, and commits, as the task itself', async () => {
  const shown: unknown[] = []
  const inner: Task = { ...taskOf([]), pauseShare: 3, showWindow: (window) => shown.push(window) }
  const task = behindLive(inner, async () => undefined)
  task.showWindow?.({ size: 1, bytes: 2 })
  expect(shown).toEqual([{ size: 1, bytes: 2 }])
  expect(task).toMatchObject({ partition: 0, pauseShare: 3, commit: inner.commit })
})
