import { KalamError } from './error.ts'
import type { Log, OutputRecord, Positions, Task, Writer } from './log.ts'
import { type ActivityBook, beginTask, noteCommit, noteRead, type TaskActivity } from './task-activity.ts'

/** The same log; what its tasks and writers do is noted in the book, once per read and per commit. */
export const meteredLog = (log: Log, book: ActivityBook): Log => ({
  ...log,
  async join(options) {
    const group = { group: options.group, inputs: options.inputs, joined: false }
    book.groups.set(options.group, group)
    const membership = await log.join({ ...options, work: (task) => meteredWork(task, options, book) })
    group.joined = true
    const left = () => {
      group.joined = false
    }
    membership.done.then(left, left)
    return membership
  },
  async writer(id) {
    return meteredWriter(await log.writer(id), book, id)
  },
})

const meteredWork = async (task: Task, options: Parameters<Log['join']>[0], book: ActivityBook): Promise<void> => {
  const activity = book.of(options.group, task.partition)
  const ended = beginTask(activity, task, options.inputs, book.now())
  try {
    await options.work(meteredTask(task, book, activity, options.output))
  } catch (thrown) {
    // What a task throws after it was told to end is no failure of its own.
    if (!task.signal.aborted) activity.failures++
    throw thrown
  } finally {
    ended()
  }
}

/** What a task writes besides its output, as dead letters, is noted by topic. */
const meteredTask = (task: Task, book: ActivityBook, activity: TaskActivity, output: string | undefined): Task => {
  const committed: Positions = { ...task.start }
  activity.hasUncommitted = () => Object.entries(activity.next).some(([topic, next]) => next > (committed[topic] ?? 0))
  return {
    partition: task.partition,
    signal: task.signal,
    start: task.start,
    pauseShare: task.pauseShare,
    hasMore: (topic) => task.hasMore(topic),
    showWindow(window) {
      activity.window = window
    },
    async read(topic, maxBytes) {
      activity.waitsFor.add(topic)
      try {
        const records = await task.read(topic, maxBytes)
        noteRead(activity, topic, records, book.now())
        return records
      } finally {
        activity.waitsFor.delete(topic)
      }
    },
    async commit(outputs, positions) {
      const began = book.now()
      activity.committing = true
      try {
        await task.commit(outputs, positions)
      } catch (thrown) {
        // The task is told to end before it hears of this, and its work begins anew.
        if (thrown instanceof KalamError && thrown.details.tooLong === true) activity.failures++
        throw thrown
      } finally {
        activity.committing = false
      }
      const ended = book.now()
      Object.assign(committed, positions)
      noteCommit(activity, outputs, ended)
      noteTopics(book, outputs, output)
      book.committed(activity, ended - began)
    },
  }
}

const noteTopics = ({ writtenTo }: ActivityBook, outputs: readonly OutputRecord[], but?: string): void => {
  for (const { topic } of outputs) if (topic !== but) writtenTo.set(topic, (writtenTo.get(topic) ?? 0) + 1)
}

const meteredWriter = (writer: Writer, book: ActivityBook, id: string): Writer => {
  const activity = book.of(id)
  activity.running = true
  return {
    async commit(outputs) {
      const began = book.now()
      const offsets = await writer.commit(outputs)
      const ended = book.now()
      noteCommit(activity, outputs, ended)
      noteTopics(book, outputs)
      book.committed(activity, ended - began)
      return offsets
    },
    async close() {
      activity.running = false
      await writer.close()
    },
  }
}
