/**
 * The two loops of a task, one that takes in and one that hands on: the first failure of either ends both, as the task's end does.
 * `wake` lets each of them look whether it goes on.
 */
export const twoLoops = (signal: AbortSignal, wake: () => void) => {
  let failure: { thrown: unknown } | undefined
  const fail = (thrown: unknown) => {
    failure ??= { thrown }
    wake()
  }
  return {
    fail,
    goOn: () => !signal.aborted && !failure,
    /** Resolves when both have ended; rejects with the first failure. */
    async run(takeIn: () => Promise<void>, handOn: () => Promise<void>): Promise<void> {
      const taken = takeIn().catch(fail)
      await handOn().catch(fail)
      // After a failure the other may wait for a record that never comes.
      if (!failure) await taken
      if (failure) throw (failure as { thrown: unknown }).thrown
    },
  }
}
