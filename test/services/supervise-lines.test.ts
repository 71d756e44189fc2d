import { setTimeout as after } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { createPipeline, pauseEntry } from '../../dataflow/control.ts'
import { controlFeed } from '../../dataflow/control-feed.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { Log, Task } from '../../dataflow/log.ts'
import type { StageLine } from '../../services/flow.ts'
import { isThrough, stalledTopics } from '../../services/line-progress.ts'
import { type Supervision, superviseLines } from '../../services/supervise-lines.ts'
import { abortOf } from '../contract/log/bench.ts'
import { stageBench } from '../dataflow/operators/stage-bench.ts'

let supervision: Supervision | undefined
afterEach(() => supervision?.stop())

const lineOf = (line: string, more: Partial<StageLine> = {}): StageLine => ({
  ...{ stage: 'translate', line, generation: 1, state: 'live', group: line, inputs: ['in'], unit: 'chunks' },
  work: abortOf,
  ...more,
})

/** Supervises lines that the test changes; `running` are those whose tasks are there. */
const supervised = async (first: StageLine[]) => {
  const bench = await stageBench('control', 'in', 'out')
  await createPipeline(bench.log, bench.codec, 'control', 'uuid', 1)
  const state = { isAway: false, joins: () => undefined as unknown }
  const log: Log = {
    ...bench.log,
    ends: async (topic) => {
      if (state.isAway) throw new KalamError('log_unavailable', 'the brokers are away', { retryable: true })
      return bench.log.ends(topic)
    },
    join: async (group) => {
      state.joins()
      return bench.log.join(group)
    },
  }
  const feed = await controlFeed(log, bench.codec, 'control')
  const running: string[] = []
  const noted = (line: StageLine): StageLine => ({
    ...line,
    async work(task: Task) {
      const name = `${line.group}${line.mode ?? ''}`
      running.push(name)
      try {
        await line.work(task)
      } finally {
        running.splice(running.indexOf(name), 1)
      }
    },
  })
  const wanted = { lines: first.map(noted) }
  const made = await superviseLines({
    ...{ log, feed, signal: new AbortController().signal },
    current: () => wanted.lines,
    only: ({ line }) => line !== 'elsewhere',
  })
  supervision = made
  const become = async (...lines: StageLine[]) => {
    wanted.lines = lines.map(noted)
    // Any change of the control topic.
    await feed.change(() => [pauseEntry('translate', 'x', 'waiting')])
  }
  return { bench, running, become, made, state }
}

it('joins lines that appear and leaves those that are gone, stand still or are not its own', async () => {
  const { running, become } = await supervised([lineOf('a'), lineOf('elsewhere')])
  expect(running).toEqual(['a'])
  await become(lineOf('a'), lineOf('b'))
  expect(running).toEqual(['a', 'b'])
  await become(lineOf('a', { standsStill: 'paused' }), lineOf('b'))
  expect(running).toEqual(['b'])
  await become(lineOf('a'))
  expect(running).toEqual(['a'])
})

it('starts a line anew whose way of work changes, and no other', async () => {
  const { running, become } = await supervised([lineOf('a'), lineOf('b')])
  await become(lineOf('a', { mode: 'skipping' }), lineOf('b'))
  expect(running).toEqual(['b', 'askipping'])
})

it('tells the first error of a task, but not one of a task that it stops', async () => {
  const failing = (line: string, fails: (task: Task) => Promise<void>) =>
    lineOf(line, {
      async work(task) {
        await fails(task)
        throw new Error(`${line} broke`)
      },
    })
  const { become, made } = await supervised([failing('a', abortOf)])
  await become()
  await become(failing('b', async () => undefined))
  await expect(made.failed).rejects.toThrow('b broke')
})

it('goes on with what it knows while the log is away, and joins what is due when it is back', async () => {
  const { running, become, made, state } = await supervised([lineOf('a')])
  let error: unknown
  made.failed.catch((thrown) => {
    error = thrown
  })
  state.isAway = true
  await after(1200)
  expect([running, error]).toEqual([['a'], undefined])
  state.isAway = false
  await become(lineOf('a'), lineOf('b'))
  await expect.poll(() => running, { timeout: 5000 }).toEqual(['a', 'b'])
  expect(error).toBeUndefined()
})

it('joins later what it could not join because the log was away', async () => {
  const { running, become, made, state } = await supervised([lineOf('a')])
  let error: unknown
  made.failed.catch((thrown) => {
    error = thrown
  })
  const before = state.joins
  state.joins = () => {
    throw new KalamError('log_unavailable', 'the brokers are away', { retryable: true })
  }
  await become(lineOf('a'), lineOf('b'))
  expect([running, error]).toEqual([['a'], undefined])
  state.joins = before
  await expect.poll(() => running, { timeout: 5000 }).toEqual(['a', 'b'])
})

it('counts a line behind one that stands still as through when it has every whole conversation of it', async () => {
  const { bench } = await supervised([])
  const paused = lineOf('a', { output: 'out', standsStill: 'paused' })
  const behind = lineOf('c', { inputs: ['in', 'out'] })
  const stalled = stalledTopics([paused, behind])
  expect([...stalled]).toEqual(['out'])
  const write = (topic: string, index: number) =>
    bench.append({
      ...{ topic, partition: 0, key: 's/t/1', value: new Uint8Array(), timestamp: 0 },
      headers: { ordinal: '0', index: String(index), count: '2' },
    })
  await write('in', 0)
  await write('out', 0)
  expect(await isThrough(bench.log, behind, stalled)).toBe(true)
  expect(await isThrough(bench.log, behind, new Set())).toBe(false)
  expect(await isThrough(bench.log, paused, stalled)).toBe(true)
  await write('out', 1)
  expect(await isThrough(bench.log, behind, stalled)).toBe(false)
})
