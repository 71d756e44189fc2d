/**
 * Keeps from the user what the lmdb package prints and rejects besides the commit that fails, which tells the same in our
 * own words; without this a full disk would end the process with a stack trace. Returns what ends it.
 */
export const silenceLmdb = (): (() => void) => {
  const { error } = console
  console.error = (...said: unknown[]) => {
    if (!isFromLmdb(said[0])) error(...said)
  }
  const onUnhandled = (thrown: unknown) => {
    if (!isFromLmdb(thrown)) throw thrown
  }
  // Node warns of rejections that find a handler late, unless somebody listens.
  const onHandledLate = () => undefined
  process.on('unhandledRejection', onUnhandled)
  process.on('rejectionHandled', onHandledLate)
  return () => {
    console.error = error
    process.off('unhandledRejection', onUnhandled)
    process.off('rejectionHandled', onHandledLate)
  }
}

const isFromLmdb = (thrown: unknown): boolean =>
  thrown instanceof Error && /[\\/]node_modules[\\/]lmdb[\\/]/.test(thrown.stack ?? '')
