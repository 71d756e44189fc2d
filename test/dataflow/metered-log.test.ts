import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { embeddedLog } from '../../dataflow/embedded/embedded-log.ts'
import type { Log } from '../../dataflow/log.ts'
import { meteredLog } from '../../dataflow/metered-log.ts'
import { flatMapGroups } from '../../dataflow/operators/flat-map-groups.ts'
import { type ActivityBook, activityBook, type TaskActivity } from '../../dataflow/task-activity.ts'
import { joinByHand, outputOf } from '../contract/log/bench.ts'
import { logContract } from '../contract/log.ts'
import { chunk, group } from './operators/placed-records.ts'
import { stageBench } from './operators/stage-bench.ts'
import { workFolder } from './work-folder.ts'

logContract('a metered log', async () => {
  const folder = join(workFolder(), 'log')
  return {
    open: async () =>
      meteredLog(
        embeddedLog({ folder }),
        activityBook(() => performance.now()),
      ),
    remove: async () => undefined,
  }
})

describe('a metered log', () => {
  /** A metered log with topics a and b of two partitions, whose clock stands still unless it is moved. */
  const bench = async () => {
    const clock = { ms: 1000 }
    const took: number[] = []
    const book = activityBook(
      () => clock.ms,
      (_, ms) => took.push(ms),
    )
    const log = meteredLog(embeddedLog({ folder: join(workFolder(), 'log') }), book)
    await log.createTopics(['a', 'b'].map((topic) => ({ topic, partitions: 2 })))
    return { log, book, clock, took }
  }

  const append = async (log: Log, topic: string, ...sizes: number[]) =>
    (await log.writer('test')).commit(sizes.map((size) => outputOf(topic, { size })))

  it('counts records and bytes of every task, and what was written besides outputs by topic', async () => {
    const { log, book, took } = await bench()
    await append(log, 'a', 10, 20, 30)
    const { membership, task } = await joinByHand(log, { group: 'g', inputs: ['a'], output: 'b' })
    const first = await task(0)
    await first.read('a', 1e6)
    await log.createTopics([{ topic: 'dead_letters', partitions: 2 }])
    await first.commit(
      [outputOf('b', { size: 7 }), outputOf('b', { size: 3 }), outputOf('dead_letters', { size: 2 })],
      { a: 3 },
    )
    expect(book.of('g', 0)).toMatchObject({
      ...{ running: true, recordsRead: 3, bytesRead: 60, recordsWritten: 3, bytesWritten: 12, commits: 1, failures: 0 },
    })
    expect(book.of('g', 1)).toMatchObject({ running: true, recordsRead: 0, commits: 0 })
    expect(book.of('test')).toMatchObject({ partition: undefined, recordsWritten: 3, bytesWritten: 60, commits: 1 })
    expect([...book.writtenTo]).toEqual([
      ['a', 3],
      ['dead_letters', 1],
    ])
    expect(took.length).toBe(2)
    await membership.stop()
    expect(book.of('g', 0).running).toBe(false)
    expect(book.groups.get('g')).toMatchObject({ inputs: ['a'], joined: false })
    await log.close()
  })

  it('knows what a task waits for, what it has not committed, and when it last went on', async () => {
    const { log, book, clock } = await bench()
    const { membership, task } = await joinByHand(log, { group: 'g', inputs: ['a'] })
    const first = await task(0)
    const activity = book.of('g', 0)
    const reading = first.read('a', 1e6)
    expect([[...activity.waitsFor], activity.hasMore(), activity.hasUncommitted()]).toEqual([['a'], false, false])
    clock.ms = 2000
    await append(log, 'a', 1, 1)
    await reading
    expect([[...activity.waitsFor], activity.hasMore(), activity.hasUncommitted()]).toEqual([[], false, true])
    expect([activity.progressMs, activity.next]).toEqual([2000, { a: 2 }])
    clock.ms = 3000
    await append(log, 'a', 1)
    expect([activity.progressMs, activity.hasMore()]).toEqual([2000, true])
    await first.commit([], { a: 2 })
    expect([activity.progressMs, activity.hasUncommitted()]).toEqual([3000, false])
    await membership.stop()
    await log.close()
  })

  it('counts a task that fails, and adds up over the tasks of a partition', async () => {
    const { log, book } = await bench()
    await append(log, 'a', 4)
    const fail = async () => {
      const member = await log.join({
        ...{ group: 'g', inputs: ['a'] },
        async work(task) {
          if (task.partition === 1) return
          await task.read('a', 100)
          throw new Error('broken')
        },
      })
      await expect(member.done).rejects.toThrow('broken')
    }
    await fail()
    await fail()
    expect(book.of('g', 0)).toMatchObject({ recordsRead: 2, failures: 2, running: false })
    expect(book.of('g', 1)).toMatchObject({ failures: 0 })
    await log.close()
  })
})

it('a metered task shows how full the window of its operator is', async () => {
  const stage = await stageBench('in', 'out')
  const book: ActivityBook = activityBook(() => 0)
  const log = meteredLog(stage.log, book)
  const input = { topic: 'in', name: 'Chunk' } as const
  await stage.append(...['a', 'b', 'c'].flatMap((text, i) => group(stage.codec, input, text, i, chunk(text))))
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const member = await log.join({
    ...{ group: 'g', inputs: ['in'], output: 'out' },
    work: (task) =>
      flatMapGroups(
        { task, codec: stage.codec, foreign: () => undefined },
        {
          input,
          output: { topic: 'out', name: 'Chunk' },
          each: async ({ records }) => {
            await held
            return records.map(({ body }) => body!)
          },
        },
      ),
  })
  const activity: TaskActivity = book.of('g', 0)
  await expect.poll(() => activity.window?.size).toBe(3)
  expect(activity.window!.bytes).toBe(activity.bytesRead)
  release()
  await expect.poll(() => activity.window?.size).toBe(0)
  expect(activity.recordsWritten).toBe(3)
  await member.stop()
  expect(activity.window).toBeUndefined()
})
