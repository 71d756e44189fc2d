let isSilent = false

/**
 * From now on keeps from the user what the lmdb package prints and rejects besides the commit that fails, which tells the
 * same in our own words; without this a full disk would end the process with a stack trace.
 */
export const silenceLmdb = (): void => {
  if (isSilent) return
  isSilent = true
  const { error } = console
  console.error = (...said: unknown[]) => {
    if (!isFromLmdb(said[0])) error(...said)
  }
  process.on('unhandledRejection', (thrown) => {
    if (!isFromLmdb(thrown)) throw thrown
  })
  // Node warns of rejections that find a handler late, unless somebody listens.
  process.on('rejectionHandled', () => undefined)
}

const isFromLmdb = (thrown: unknown): boolean =>
  thrown instanceof Error && /[\\/]node_modules[\\/]lmdb[\\/]/.test(thrown.stack ?? '')
