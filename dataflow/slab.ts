/** What is taken from the system at once. */
const slabBytes = 64 * 2 ** 10
/** Larger pieces get memory of their own. */
const mostBytes = 32 * 2 ** 10

/**
 * A copy of bytes. Copies made one after another lie in one piece of memory, which is free when none of them is used any more:
 * for bytes that live about equally long. Memory of its own for each costs more than copying it, and so does giving it back.
 */
export const slabCopies = (): ((bytes: Buffer) => Buffer) => {
  let slab = Buffer.alloc(0)
  let filled = 0
  return (bytes) => {
    const { length } = bytes
    if (length > mostBytes) return Buffer.from(bytes)
    if (filled + length > slab.length) {
      slab = Buffer.allocUnsafeSlow(slabBytes)
      filled = 0
    }
    const copy = slab.subarray(filled, filled + length)
    copy.set(bytes)
    filled += length
    return copy
  }
}
