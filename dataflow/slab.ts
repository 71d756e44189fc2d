/** What is taken from the system at once. */
const slabBytes = 64 * 2 ** 10
/** Larger pieces get memory of their own where no room is left for them. */
const mostBytes = 32 * 2 ** 10

/** Writes bytes from a place on; where they end, or, below zero, how many more there would have to be. */
export type WriteAt = (bytes: Buffer, start: number) => number

/**
 * Bytes as they are written. Those written one after another lie in one piece of memory, which is free when none of them is used any
 * more: for bytes that live about equally long. Memory of its own for each costs more than filling it, and so does giving it back.
 */
export const slabWriter = (): ((write: WriteAt) => Buffer) => {
  let slab = Buffer.alloc(0)
  let filled = 0
  return (write) => {
    let end = write(slab, filled)
    if (end < 0) {
      const length = slab.length - filled - end
      if (length > mostBytes) {
        const own = Buffer.allocUnsafeSlow(length)
        write(own, 0)
        return own
      }
      slab = Buffer.allocUnsafeSlow(slabBytes)
      filled = 0
      end = write(slab, 0)
    }
    const written = slab.subarray(filled, end)
    filled = end
    return written
  }
}
