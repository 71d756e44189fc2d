import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Log, LogRecord, Writer } from '../../../dataflow/log.ts'
import { freshName, keysOf, outputOf, scanAll } from '../../contract/log/bench.ts'

/** Appends numbered records to all partitions in turn, one commit each, through every fault, each once. */
export const appending = (log: Log, topic: string, partitions: number) => {
  const id = freshName('writer')
  let writer: Writer | undefined
  let written = 0
  const appendOne = async () => {
    const partition = written % partitions
    const key = `key-${written}`
    for (let isNew = true; ; isNew = false) {
      try {
        writer ??= await log.writer(id)
        // Whether a commit without an answer went in is known once a new writer has fenced the old one.
        if (isNew || !(await scanAll(log, topic, { partition })).some((record) => record.key === key))
          await writer.commit([outputOf(topic, { partition, key })])
        written++
        return
      } catch {
        await writer?.close()
        writer = undefined
        await sleep(20)
      }
    }
  }
  let isOver = false
  const over = (async () => {
    while (!isOver) {
      await appendOne()
      await sleep(5)
    }
    await writer?.close()
  })()
  return {
    written: () => written,
    /** Ends after the record under way; returns how many there are. */
    async end(): Promise<number> {
      isOver = true
      await over
      return written
    },
  }
}

/** Waits, as long as a test may last, until something holds. */
export const until = async (holds: () => boolean | Promise<boolean>, timeoutMs = 50_000): Promise<void> => {
  for (const end = Date.now() + timeoutMs; !(await holds()); await sleep(30))
    if (Date.now() > end) throw new Error(`waiting for ${holds}: it did not come true in ${timeoutMs / 1000} s`)
}

/** Waits until a topic holds as many committed records. */
export const untilHolds = async (log: Log, topic: string, partitions: number, count: number): Promise<void> => {
  let seen = 0
  const holds = async () => {
    seen = (await recordsOf(log, topic, partitions)).flat().length
    return seen >= count
  }
  await until(holds).catch(() => expect(seen, `records in ${topic}`).toBe(count))
}

const recordsOf = (log: Log, topic: string, partitions: number): Promise<LogRecord[][]> =>
  Promise.all(Array.from({ length: partitions }, (_, partition) => scanAll(log, topic, { partition })))

/** Expects that the output holds what the input holds: nothing lost, doubled or reordered. */
export const expectCopied = async (log: Log, input: string, output: string, partitions: number): Promise<void> => {
  const wanted = (await recordsOf(log, input, partitions)).map(keysOf)
  await untilHolds(log, output, partitions, wanted.flat().length)
  expect((await recordsOf(log, output, partitions)).map(keysOf)).toEqual(wanted)
  expect(new Set(wanted.flat()).size).toBe(wanted.flat().length)
}
