import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { embeddedLog } from '../../../dataflow/embedded/embedded-log.ts'
import type { KalamError } from '../../../dataflow/error.ts'
import type { Task } from '../../../dataflow/log.ts'
import { meteredLog } from '../../../dataflow/metered-log.ts'
import { activityBook } from '../../../dataflow/task-activity.ts'
import { explainedWaits } from '../../../services/observe/explained-waits.ts'
import { watchdog } from '../../../services/observe/watchdog.ts'
import { outputOf } from '../../contract/log/bench.ts'
import { workFolder } from '../../dataflow/work-folder.ts'

const stallMs = 10_000

/** One partition of a group on a real log, with a clock that the test moves. */
const bench = async (work: (task: Task) => Promise<void>, records = 3, group = 'pipe.chunk.all.g1') => {
  const clock = { ms: 0 }
  const book = activityBook(() => clock.ms)
  const plain = embeddedLog({ folder: join(workFolder(), 'log') })
  const log = meteredLog(plain, book)
  await log.createTopics([{ topic: 'in', partitions: 1 }])
  const writer = await plain.writer('test')
  const append = (count: number) => writer.commit(Array.from({ length: count }, () => outputOf('in')))
  if (records > 0) await append(records)
  const found: KalamError[] = []
  const waits = explainedWaits()
  const dog = watchdog({
    activities: book,
    waits,
    isWatched: (one) => one === 'pipe.chunk.all.g1',
    stallMs,
    async hasRecords(topic, partition, from) {
      for await (const batch of plain.scan(topic, partition, from)) if (batch.length > 0) return true
      return false
    },
    onStall: (error) => found.push(error),
  })
  const member = await log.join({ group, inputs: ['in'], work })
  const activity = book.of(group, 0)
  await expect.poll(() => activity.running).toBe(true)
  return {
    ...{ append, found, waits, member, dog, log, activity },
    /** Resolves when the task has committed all and waits for more. */
    atRest: () => expect.poll(() => activity.waitsFor.size > 0 && !activity.hasMore()).toBe(true),
    /** Time passes in steps that the watchdog is used to. */
    async pass(ms: number) {
      for (const end = clock.ms + ms; clock.ms < end; ) {
        clock.ms = Math.min(end, clock.ms + 1000)
        await dog.check()
      }
    },
    /** Time passes without the watchdog. */
    sleep: (ms: number) => {
      clock.ms += ms
    },
  }
}

const untilStopped = (task: Task) =>
  new Promise<void>((resolve) => task.signal.addEventListener('abort', () => resolve(), { once: true }))
const readAll = async (task: Task): Promise<void> => {
  while (!task.signal.aborted) {
    const records = await task.read('in', 1)
    if (records.length > 0) await task.commit([], { in: records.at(-1)!.offset + 1 })
  }
}

describe('the watchdog', () => {
  it('finds a task that has read records and then hangs, and tells where, once', async () => {
    const { pass, found, member, dog } = await bench(async (task) => {
      await task.read('in', 100)
      await untilStopped(task)
    })
    await pass(stallMs)
    expect(found).toEqual([])
    await pass(1000)
    expect(found.map(({ code, message }) => [code, message])).toEqual([
      [
        'stalled',
        'working on pipe.chunk.all.g1, partition 0: it has records and does not go on; nothing read, nothing committed for 11 s',
      ],
    ])
    expect(found[0]!.details).toEqual({ group: 'pipe.chunk.all.g1', partition: 0 })
    await pass(stallMs * 3)
    expect([found.length, dog.stalled]).toEqual([1, found[0]])
    await member.stop()
  })

  it('finds a task that does not even read what is there', async () => {
    const { pass, found, member } = await bench(untilStopped)
    await pass(stallMs + 1000)
    expect(found.length).toBe(1)
    await member.stop()
  })

  it('finds units under way that never finish, also when the task waits for more to read', async () => {
    const { pass, found, member } = await bench(async (task) => {
      task.showWindow?.({ size: 3, bytes: 30 })
      await task.read('in', 100)
      await task.read('in', 100)
    })
    await pass(stallMs + 1000)
    expect(found[0]!.message).toContain('3 units are under way and none is finished')
    await member.stop()
  })

  it('finds a read that does not give what is there', async () => {
    const { append, atRest, pass, found, member, activity, log } = await bench(readAll)
    await atRest()
    expect(activity.commits).toBeGreaterThan(0)
    await pass(stallMs * 5)
    expect(found).toEqual([])
    // The task waits at the end; that the log had more is made up here.
    activity.next.in = 2
    await pass(1000)
    expect(found[0]!.message).toContain('it waits for records of in from offset 2 on, which are there')
    await member.stop()
    await expect(append(1)).resolves.toEqual([3])
    await log.close()
  })

  it('leaves a task alone that waits for records which are not there yet', async () => {
    const { append, atRest, pass, found, member } = await bench(readAll, 0)
    await pass(stallMs * 10)
    await append(2)
    await atRest()
    await pass(stallMs * 10)
    expect(found).toEqual([])
    await member.stop()
  })

  it('leaves a task alone that holds half a conversation while the rest is made upstream', async () => {
    const { atRest, pass, found, member } = await bench(async (task) => {
      await task.read('in', 100)
      await task.read('in', 100)
    })
    await atRest()
    await pass(stallMs * 10)
    expect(found).toEqual([])
    await member.stop()
  })

  it('leaves a task alone as long as its wait is explained, and counts from the end of that on', async () => {
    const { pass, found, waits, member } = await bench(untilStopped)
    waits.explain({ stage: 'chunk', line: 'all' }, 60_000)
    await pass(60_000 + stallMs)
    expect(found).toEqual([])
    waits.explain({ stage: 'translate' }, 1e9)
    await pass(1000)
    expect(found.length).toBe(1)
    await member.stop()
  })

  it('finds a commit that does not end, and looks at nothing else of a task whose work is not what its inputs bring', async () => {
    const ingest = 'pipe.ingest.talk'
    const { pass, found, member, activity } = await bench(untilStopped, 3, ingest)
    await pass(stallMs * 3)
    expect(found).toEqual([])
    activity.committing = true
    await pass(1000)
    expect(found[0]!.message).toContain(`working on ${ingest}, partition 0: a commit does not end`)
    await member.stop()
  })

  it('leaves a task alone that is not running any more', async () => {
    const { pass, found, member } = await bench(untilStopped)
    await member.stop()
    await pass(stallMs * 3)
    expect(found).toEqual([])
  })

  it('does not count time in which the whole process was asleep', async () => {
    const { pass, sleep, found, member } = await bench(untilStopped)
    sleep(stallMs * 100)
    await pass(stallMs - 1000)
    expect(found).toEqual([])
    await pass(3000)
    expect(found.length).toBe(1)
    await member.stop()
  })
})

describe('explained waits', () => {
  it('are about a line, a stage or everything, and samples share those of their translator', () => {
    const waits = explainedWaits()
    waits.explain({ stage: 'translate', line: 'gemma' }, 10)
    expect(waits.until({ stage: 'translate', line: 'gemma-s2' })).toBe(10)
    expect(waits.until({ stage: 'translate', line: 'seedx' })).toBe(Number.NEGATIVE_INFINITY)
    expect(waits.until({ stage: 'score', line: 'gemma' })).toBe(Number.NEGATIVE_INFINITY)
    waits.explain({ stage: 'translate' }, 20)
    waits.explain({ stage: 'translate' }, 15)
    expect(waits.until({ stage: 'translate', line: 'seedx' })).toBe(20)
    waits.explain({}, 30)
    expect(waits.until({ stage: 'rank', line: 'x' })).toBe(30)
  })
})
