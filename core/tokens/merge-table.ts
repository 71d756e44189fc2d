/** The merges of a BPE model: for two neighbouring tokens, the rank of their merge (0 = first to be done) and its token. */
export interface MergeTable {
  /** The slot of a pair, or -1 when it does not merge. */
  slotOf(left: number, right: number): number
  left: Int32Array
  right: Int32Array
  rank: Int32Array
  token: Int32Array
}

/**
 * Builds the table, best merge first; a hash table of numbers, because a Map of 280,000 pairs takes several times the
 * memory and time. Throws a RangeError when a merge names a token that is not in the vocabulary.
 */
export function mergeTable(merges: (readonly [string, string])[], vocab: Map<string, number>): MergeTable {
  const size = 2 ** Math.ceil(Math.log2(merges.length * 2 + 2))
  const mask = size - 1
  const filter = new Int32Array(filterBits / 32)
  const lefts = new Int32Array(size).fill(-1)
  const rights = new Int32Array(size)
  const rank = new Int32Array(size)
  const token = new Int32Array(size)

  const probe = (left: number, right: number, mixed: number): number => {
    let slot = mixed & mask
    while (lefts[slot] !== -1 && (lefts[slot] !== left || rights[slot] !== right)) slot = (slot + 1) & mask
    return slot
  }
  const joinedIdOf = joinedIds(vocab)
  for (let place = 0; place < merges.length; place++) {
    const [left, right] = merges[place]!
    const leftId = idOf(left, vocab)
    const rightId = idOf(right, vocab)
    const mixed = hash(leftId, rightId)
    filter[(mixed & filterMask) >>> 5]! |= 1 << mixed
    const slot = probe(leftId, rightId, mixed)
    lefts[slot] = leftId
    rights[slot] = rightId
    rank[slot] = place
    token[slot] = joinedIdOf(left, right)
  }
  return {
    slotOf(left, right) {
      const mixed = hash(left, right)
      // Most pairs do not merge, and the filter is near where the table is not: in the processor's cache.
      if ((filter[(mixed & filterMask) >>> 5]! & (1 << mixed)) === 0) return -1
      const slot = probe(left, right, mixed)
      return lefts[slot] === -1 ? -1 : slot
    },
    left: lefts,
    right: rights,
    rank,
    token,
  }
}

/** One of these is set for each pair that merges: 256 KiB. */
const filterBits = 2 ** 21
const filterMask = filterBits - 1

function hash(left: number, right: number): number {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}

/**
 * Ids of joined tokens. Trained models number tokens in the order of their merges: the one before, or the one behind it, is looked at
 * first, which needs no new string.
 */
function joinedIds(vocab: Map<string, number>): (left: string, right: string) => number {
  const tokens: string[] = []
  for (const [token, id] of vocab) tokens[id] = token
  let last = 0
  return (left, right) => {
    if (!isJoined(tokens[last], left, right))
      last = isJoined(tokens[last + 1], left, right) ? last + 1 : idOf(left + right, vocab)
    return last
  }
}

function isJoined(token: string | undefined, left: string, right: string): boolean {
  return token?.length === left.length + right.length && token.startsWith(left) && token.endsWith(right)
}

function idOf(token: string, vocab: Map<string, number>): number {
  const id = vocab.get(token)
  if (id === undefined)
    throw new RangeError(
      `reading a tokenizer.json: a merge names ${JSON.stringify(token)}, which is not in model.vocab`,
    )
  return id
}
