interface Running {
  stop: AbortController
  ended: Promise<void>
  /** Its work has ended by itself. */
  isDone: boolean
}

/** The tasks that a member of a group runs now. */
export interface TaskSet {
  /** Partitions of the tasks that go on. */
  held(): number[]
  /** Starts tasks of partitions that came and aborts those of partitions that went; the others live on. */
  assign(partitions: readonly number[]): void
  /** Aborts all and waits for their end. */
  stop(): Promise<void>
}

/** Runs one task per partition; a partition that comes back waits for the end of its task before. */
export const taskSet = (options: {
  run(partition: number, signal: AbortSignal): Promise<void>
  /** A task that still had its partition failed. */
  failed(thrown: unknown): void
  /** Every task has ended by itself. */
  allDone(): void
}): TaskSet => {
  const running = new Map<number, Running>()
  let isStopping = false
  const run = async (partition: number, task: Running, before: Promise<void> | undefined): Promise<void> => {
    const { signal } = task.stop
    await before
    try {
      if (!signal.aborted) await options.run(partition, signal)
      task.isDone = !signal.aborted
    } catch (thrown) {
      // Work that is cut off because its partition moved may fail in any way: it is done elsewhere.
      if (!signal.aborted || isStopping) options.failed(thrown)
    }
    if (signal.aborted && running.get(partition) === task) running.delete(partition)
    if (task.isDone && [...running.values()].every(({ isDone }) => isDone)) options.allDone()
  }
  const start = (partition: number) => {
    const task: Running = { stop: new AbortController(), ended: Promise.resolve(), isDone: false }
    const before = running.get(partition)?.ended
    running.set(partition, task)
    task.ended = run(partition, task, before)
  }
  return {
    held: () => [...running].flatMap(([partition, { stop }]) => (stop.signal.aborted ? [] : [partition])),
    assign(partitions) {
      for (const [partition, task] of running) if (!partitions.includes(partition)) task.stop.abort()
      for (const partition of partitions) if (running.get(partition)?.stop.signal.aborted !== false) start(partition)
    },
    async stop() {
      isStopping = true
      for (const task of running.values()) task.stop.abort()
      await Promise.all([...running.values()].map(({ ended }) => ended))
    },
  }
}
